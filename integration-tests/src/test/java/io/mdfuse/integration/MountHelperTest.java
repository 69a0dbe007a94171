package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the helpers of mount(8) and umount(8) make of an entry of /etc/fstab, with a program that prints arguments. */
class MountHelperTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "/images/nas; rw; -o|rw|-o|fsname=/images/nas|--|/images/nas",
                "/a.img:/b.img:/j.img; ro,noauto,nofail,x-systemd.automount,user=joe,relatime;"
                        + " -o|ro|-o|fsname=/a.img:/b.img:/j.img|--|/a.img|/b.img|/j.img",
                "/dev/disk/by-path/pci-0000:00:1f.2:/dev/sdb@5; _netdev,defaults;"
                        + " -o|fsname=/dev/disk/by-path/pci-0000:00:1f.2:/dev/sdb@5|--"
                        + "|/dev/disk/by-path/pci-0000:00:1f.2|/dev/sdb@5",
                "mdfuse#/dev/sdb1:/dev/sdc1; run;"
                        + " --run|-o|fsname=mdfuse#/dev/sdb1:/dev/sdc1|--|/dev/sdb1|/dev/sdc1",
                "nbd://host:10809/a:nbd+unix:///b?socket=/s:nbds://[::1]/c:/d.img; ;"
                        + " -o|fsname=nbd://host:10809/a:nbd+unix:///b?socket=/s:nbds://[::1]/c:/d.img|--"
                        + "|nbd://host:10809/a|nbd+unix:///b?socket=/s|nbds://[::1]/c|/d.img",
                "/a b.img@1M,2M:/c*.img; journal-mode=write-back,allow_other;"
                        + " --journal-mode=write-back|-o|allow_other|-o|fsname=/a b.img@1M\\,2M:/c*.img|--"
                        + "|/a b.img@1M,2M|/c*.img",
                "tank; search=/dev/disk/by-id,stripe-cache-size=100;"
                        + " --stripe-cache-size=100|-o|fsname=tank|--search=/dev/disk/by-id|--|tank",
                "6e73e9c4:c0a5c6d2:a6c7b0b1:3e1c7d2f; ;"
                        + " -o|fsname=6e73e9c4:c0a5c6d2:a6c7b0b1:3e1c7d2f|--search=/dev|--"
                        + "|6e73e9c4:c0a5c6d2:a6c7b0b1:3e1c7d2f",
                "/images; bogus=1,read-only,volumes,overlay=memory:1G;"
                        + " -o|bogus=1|--read-only|--volumes|--overlay=memory:1G|-o|fsname=/images|--|/images",
            })
    void fieldsBecomeArguments(String devices, String options, String arguments) throws IOException {
        List<String> expected = new ArrayList<>(List.of("mount"));
        expected.addAll(List.of(arguments.split("\\|", -1)));
        expected.add("/mnt/my array");
        Command.Result result = helper(
                "mount.mdfuse",
                devices,
                "/mnt/my array",
                "-n",
                "-o",
                options == null ? "" : options,
                "-t",
                "fuse.mdfuse");
        assertEquals(expected, result.output().lines().toList(), result::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "/images; remount,ro; remount is not possible",
                "/images; rw,force; force is for one mount",
                "/images; add-journal=/dev/sdb; mdfuse mount --add-journal",
                "/images; search=/dev; search= is for an array that is given by its name or UUID",
            })
    void whatATableMustNotSayIsRefused(String devices, String options, String words) throws IOException {
        Command.Result result = helper("mount.mdfuse", devices, "/mnt/a", "-o", options);
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(words), result::toString);
        assertEquals("", result.output());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 32", "2, 1"})
    void theStatusIsOneOfMount(int ofMdfuse, int ofMount) throws IOException {
        assertEquals(
                ofMount, helper(ofMdfuse, "mount.mdfuse", "/images", "/mnt/a").exitStatus());
        assertEquals(
                ofMdfuse == 0 ? 0 : 32,
                helper(ofMdfuse, "umount.mdfuse", "/mnt/a").exitStatus());
    }

    @Test
    void aFakeMountMountsNothing() throws IOException {
        Command.Result result = helper("mount.mdfuse", "/images", "/mnt/a", "-f");
        assertEquals("", result.output());
        assertEquals(0, result.exitStatus());
    }

    @Test
    void umountPassesForceAndLazyOn() throws IOException {
        Command.Result result = helper("umount.mdfuse", "/mnt/my array", "-f", "-l", "-n", "-t", "fuse.mdfuse");
        assertEquals(
                List.of("umount", "--force", "--lazy", "--", "/mnt/my array"),
                result.output().lines().toList());
    }

    private static Command.Result helper(String name, String... arguments) throws IOException {
        return helper(0, name, arguments);
    }

    /** Runs a helper beside a program that prints its arguments, each on a line, and ends with {@code status}. */
    private static Command.Result helper(int status, String name, String... arguments) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path program = Files.createDirectory(scratch.path("bin")).resolve("mdfuse");
            Files.writeString(program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit " + status + "\n");
            Path copy = Files.createDirectory(scratch.path("libexec")).resolve(name);
            Files.copy(Project.script("package").resolve(name + ".sh"), copy);
            for (Path file : List.of(program, copy)) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            List<String> command = new ArrayList<>(List.of(copy.toString()));
            command.addAll(List.of(arguments));
            return Command.run(command);
        }
    }
}
