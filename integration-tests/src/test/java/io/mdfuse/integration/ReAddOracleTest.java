package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Members that are re-added by the bitmap, between the real driver and mdfuse: each continues with the other's array.
 */
@Tag("oracle")
class ReAddOracleTest {
    private static final int MEMBERS = 4;
    private static final long MEMBER_BYTES = 16 << 20;
    private static final Pattern REGIONS = Pattern.compile("(\\d+) regions");

    /** The size of a member in sectors; the bitmap makes md copy only a small part of them. */
    private static final long MEMBER_SECTORS = MEMBER_BYTES / 512;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.oracle();
    }

    private static Images created(Path directory) throws IOException {
        return Images.blank(directory, MEMBERS, MEMBER_BYTES, 0)
                .create(5, "--bitmap", "internal", "--bitmap-chunk", "64K", "--chunk", "64K");
    }

    private static void write(Path volume, long... offsets) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "rwd")) {
            for (long offset : offsets) {
                file.seek(offset);
                file.write(("written at " + offset).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** An array of mdfuse without its second member, which missed three writes. */
    private static void degrade(Images images, Path mountPoint) throws IOException {
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            PatternWriter.fill(array.volume(), new WorkPattern(9));
            // A clean stop clears all bits.
            array.unmount();
        }
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            Path leaving = images.members().get(1);
            MemberVerbs verbs = new MemberVerbs(array);
            verbs.run("fail", leaving).orFail();
            verbs.run("remove", leaving).orFail();
            write(array.volume(), 5, 10 << 20, 20 << 20);
            array.unmount();
        }
    }

    private static Images withoutSecond(Images images) {
        List<Path> left = new ArrayList<>(images.members());
        left.remove(1);
        return new Images(images.directory(), left, null);
    }

    @Test
    void aMemberOfMdIsReAddedByMdfuse() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), MEMBERS, MEMBER_BYTES, 0);
            String job = """
                    set -e
                    echo y | mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=4 --chunk=64 \\
                      --bitmap=internal --bitmap-chunk=64K "$@" >&2
                    dd if=/dev/urandom of=/dev/md0 bs=1M count=40 oflag=direct 2>/dev/null
                    sleep 0.5
                    mdadm /dev/md0 --fail $2 >&2; mdadm /dev/md0 --remove $2 >&2
                    for at in 1 170 400; do
                      dd if=/dev/urandom of=/dev/md0 bs=64k seek=$at count=1 oflag=direct 2>/dev/null
                    done
                    sha256sum /dev/md0
                    mdadm --stop /dev/md0 >&2
                    """;
            String sha256 = Oracle.run(job, images.all()).output().split(" ", 2)[0];
            try (MountedArray array = MountedArray.mount(withoutSecond(images), scratch.path("mnt"), "--run")) {
                MemberVerbs verbs = new MemberVerbs(array);
                Command.Result said =
                        verbs.run("re-add", images.members().get(1)).orFail();
                Matcher regions = REGIONS.matcher(said.output());
                assertTrue(regions.find(), said::toString);
                // md clears bits only every five seconds, so those of the first megabytes may still be set.
                assertTrue(Integer.parseInt(regions.group(1)) >= 3, said::toString);
                verbs.awaitWhole();
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    @Test
    void aMemberOfMdfuseIsReAddedByMdfuse() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = created(scratch.path("images"));
            degrade(images, scratch.path("mnt"));
            String sha256;
            try (MountedArray array = MountedArray.mount(withoutSecond(images), scratch.path("mnt"), "--run")) {
                sha256 = Digests.sha256(array.volume());
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.run("re-add", images.members().get(1)).orFail();
                verbs.awaitWhole();
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    /**
     * Without a bitmap, or if the array was used without a bitmap meanwhile, md refuses and so does mdfuse; nothing is
     * written to the device.
     */
    @Test
    void withoutABitmapBothRefuse() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), MEMBERS, MEMBER_BYTES, 0);
            String job = """
                    echo y | mdadm --create /dev/md0 --run --assume-clean --level=5 --raid-devices=4 --chunk=64 \\
                      --bitmap=none "$@" >&2 || exit 1
                    mdadm /dev/md0 --fail $2 >&2; mdadm /dev/md0 --remove $2 >&2
                    mdadm /dev/md0 --re-add $2 2>&1; echo status $?
                    mdadm --stop /dev/md0 >&2
                    """;
            String said = Oracle.run(job, images.all()).output();
            assertTrue(said.contains("--re-add for ") && said.contains("is not possible\nstatus 1"), said);
            Path back = images.members().get(1);
            String before = Digests.sha256(back);
            try (MountedArray array = MountedArray.mount(withoutSecond(images), scratch.path("mnt"), "--run")) {
                Command.Result refused = new MemberVerbs(array).run("re-add", back);
                assertEquals(1, refused.exitStatus(), refused::toString);
                assertEquals(
                        List.of("mdfuse: " + back + ": can't be re-added: the array has no bitmap that would tell what"
                                + " changed since it left; nothing was changed; mdfuse add makes it a new member, and"
                                + " overwrites all of it"),
                        refused.errorLines());
                assertEquals("1", array.attribute("degraded"));
                array.unmount();
            }
            assertEquals(before, Digests.sha256(back));
        }
    }

    /** How many sectors md writes to the second device until the array is not degraded any more. */
    private static long sectorsWrittenByMd(Images images, String how) throws IOException {
        String job = """
                stat=/sys/block/$(basename $2)/stat
                before=$(awk '{print $7}' $stat)
                %s
                until [ "$(cat /sys/block/md0/md/degraded)" = 0 ]; do sleep 0.05; done
                echo $(( $(awk '{print $7}' $stat) - before ))
                mdadm --stop /dev/md0 >&2
                """.formatted(how);
        return Long.parseLong(Oracle.run(job, images.all()).output().strip());
    }

    @Test
    void aMemberOfMdfuseIsReAddedByMd() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = created(scratch.path("images"));
            degrade(images, scratch.path("mnt"));
            long sectors = sectorsWrittenByMd(
                    images,
                    "mdadm --assemble --run /dev/md0 $1 $3 $4 >&2 || exit 1; mdadm /dev/md0 --re-add $2 >&2 || exit 1");
            assertTrue(sectors > 0 && sectors < MEMBER_SECTORS / 4, "sectors written: " + sectors);
            assertWhole(images, scratch.path("mnt"));
        }
    }

    /** The member is in its slot again and nothing has been copied yet; md copies the rest by the bitmap. */
    @Test
    void mdContinuesAReAddOfMdfuse() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = created(scratch.path("images"));
            degrade(images, scratch.path("mnt"));
            try (MountedArray array = MountedArray.mount(withoutSecond(images), scratch.path("mnt"), "--run")) {
                array.setAttribute("sync_action", "frozen");
                new MemberVerbs(array).run("re-add", images.members().get(1)).orFail();
                array.unmount();
            }
            String examined = Command.run(
                            "mdadm", "--examine", images.members().get(1).toString())
                    .output();
            assertTrue(examined.contains("Feature Map : 0x83"), examined);
            assertTrue(examined.contains("Recovery Offset : 0 sectors"), examined);
            long sectors = sectorsWrittenByMd(images, "mdadm --assemble --run /dev/md0 \"$@\" >&2 || exit 1");
            assertTrue(sectors > 0 && sectors < MEMBER_SECTORS / 4, "sectors written: " + sectors);
            assertWhole(images, scratch.path("mnt"));
        }
    }

    /**
     * The data written without the member is there, each block can be read with any three members, and md finds correct
     * parity.
     */
    private static void assertWhole(Images images, Path mountPoint) throws IOException {
        String sha256;
        try (MountedArray array = MountedArray.mount(withoutSecond(images), mountPoint, "--run", "--read-only")) {
            sha256 = Digests.sha256(array.volume());
            byte[] found = new byte[12];
            try (RandomAccessFile file = new RandomAccessFile(array.volume().toFile(), "r")) {
                file.seek(5);
                file.readFully(found);
            }
            assertEquals("written at 5", new String(found, StandardCharsets.US_ASCII));
            array.unmount();
        }
        assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
    }
}
