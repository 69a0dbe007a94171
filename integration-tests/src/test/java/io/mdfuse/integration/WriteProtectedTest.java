package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Devices that can't be written, for any reason: refused before any byte is written, in one line that says what to do.
 */
class WriteProtectedTest {
    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.loopDevices();
    }

    private static void assertRefused(String culprit, Command.Result result) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(culprit + ": is write-protected"), result::toString);
        assertTrue(result.error().contains("--read-only"), result::toString);
    }

    private static List<Path> with(Images images, int slot, LoopDevice loop) {
        List<Path> devices = new ArrayList<>(images.all());
        devices.set(slot, Path.of(loop.node()));
        return devices;
    }

    @Test
    void aWriteProtectedMemberIsServedReadOnlyAndNotOtherwise() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Map<String, String> before = images.digests();
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            for (int slot : new int[] {2, 4}) {
                try (LoopDevice loop = LoopDevice.attach(images.all().get(slot), "--read-only")) {
                    List<Path> devices = with(images, slot, loop);
                    assertRefused(loop.node(), MountedArray.tryMount(devices, mountPoint));
                    assertEquals(before, images.digests());
                    MountedArray.tryMount(devices, mountPoint, "--read-only").orFail();
                    Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString())
                            .orFail();
                }
            }
            assertEquals(before, images.digests());
        }
    }

    @Test
    void aMountedArrayTakesNone() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path free = scratch.path("free.img");
            Images.sparse(free, TestArrayShape.MEMBER_BYTES);
            try (LoopDevice loop = LoopDevice.attach(free, "--read-only");
                    MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.awaitWhole();
                Path first = images.members().getFirst();
                assertRefused(loop.node(), verbs.run("add", loop.node()));
                assertRefused(loop.node(), verbs.run("re-add", loop.node()));
                assertRefused(loop.node(), verbs.run("replace", "--with", loop.node(), first));
                assertEquals("in_sync " + first, array.attribute("rd0"));
                verbs.awaitWhole();
                array.unmount();
                Map<String, String> before = images.digests();
                assertRefused(
                        loop.node(),
                        MountedArray.tryMount(images.all(), array.mountPoint(), "--add-journal", loop.node()));
                assertEquals(before, images.digests());
            }
        }
    }

    @Test
    void nothingIsCreatedWithOne() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images =
                    Images.blank(scratch.path("images"), 4, TestArrayShape.MEMBER_BYTES, TestArrayShape.JOURNAL_BYTES);
            Map<String, String> before = images.digests();
            for (int last : new int[] {3, 4}) {
                try (LoopDevice loop = LoopDevice.attach(images.all().get(last), "--read-only")) {
                    List<Path> devices = with(images, last, loop);
                    List<String> command =
                            new ArrayList<>(List.of(Project.mdfuse().toString(), "create"));
                    command.addAll(List.of("--level", "5", "--raid-devices", "4", "--write-journal"));
                    command.add(devices.removeLast().toString());
                    devices.forEach(device -> command.add(device.toString()));
                    assertRefused(loop.node(), Command.run(command));
                }
                assertEquals(before, images.digests());
            }
        }
    }
}
