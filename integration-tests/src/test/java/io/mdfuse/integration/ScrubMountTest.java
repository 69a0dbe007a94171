package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images that are changed while nobody looks, in the hands of {@code mdfuse check} and {@code mdfuse repair}. */
class ScrubMountTest {
    /** Behind the superblock and inside the data, whatever data offset was chosen. */
    private static final long IN_THE_DATA_BYTES = 6 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Images create(Path directory, int level, int members, boolean journal) throws IOException {
        Images images =
                Images.blank(directory, members, ArrayShape.MEMBER_BYTES, journal ? ArrayShape.JOURNAL_BYTES : 0);
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "create"));
        command.addAll(
                List.of("--level", "" + level, "--raid-devices", "" + members, "--chunk", "64K", "--assume-clean"));
        if (images.journal() != null) {
            command.addAll(List.of("--write-journal", images.journal().toString()));
        }
        images.members().forEach(member -> command.add(member.toString()));
        Command.run(command).orFail();
        return images;
    }

    private static void corrupt(Path image, long offsetBytes, int lengthBytes) throws IOException {
        byte[] junk = new byte[lengthBytes];
        new Random(offsetBytes).nextBytes(junk);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offsetBytes);
            file.write(junk);
        }
    }

    private static Command.Result run(String verb, MountedArray array, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), verb));
        command.addAll(List.of(options));
        command.add(array.mountPoint().toString());
        return Command.run(command);
    }

    /** Fills the array; answers the sha256 of its content. */
    private static String fill(Images images, Path mountPoint) throws IOException {
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            PatternWriter.fill(array.volume(), new WorkPattern(4));
            String sha256 = Digests.sha256(array.volume());
            array.unmount();
            return sha256;
        }
    }

    private static String checkRepairCheck(Images images, Path mountPoint, int mismatches, String place)
            throws IOException {
        try (MountedArray array = MountedArray.mount(images, mountPoint)) {
            Command.Result found = run("check", array);
            assertEquals(1, found.exitStatus(), found::toString);
            assertTrue(found.output().contains("mismatch_cnt: " + mismatches + " sectors"), found::toString);
            assertTrue(found.output().contains(place), found::toString);
            Command.Result repaired = run("repair", array);
            assertEquals(0, repaired.exitStatus(), repaired::toString);
            assertTrue(repaired.output().contains("repaired"), repaired::toString);
            Command.Result clean = run("check", array, "--from-start");
            assertEquals("mismatch_cnt: 0 sectors\n", clean.orFail().output());
            assertEquals(0, run("check", array, "--no-wait").exitStatus());
            assertEquals(0, run("check", array, "--stop").exitStatus());
            String sha256 = Digests.sha256(array.volume());
            array.unmount();
            return sha256;
        }
    }

    @Test
    void aLyingDiskOfRaid6IsFoundAndMended() throws IOException {
        try (Scratch scratch = Scratch.create()) {
            for (boolean journal : new boolean[] {false, true}) {
                Images images = create(scratch.path("array-" + journal), 6, 5, journal);
                String written = fill(images, scratch.path("mnt"));
                corrupt(images.members().get(3), IN_THE_DATA_BYTES, 8192);
                assertEquals(written, checkRepairCheck(images, scratch.path("mnt"), 16, "rd3 is wrong"));
            }
        }
    }

    @Test
    void checkRefusesWhatItCannotCompare() throws IOException {
        try (Scratch scratch = Scratch.create()) {
            Images images = create(scratch.path("array"), 5, 3, false);
            fill(images, scratch.path("mnt"));
            Images two = new Images(images.directory(), images.members().subList(0, 2), null);
            try (MountedArray array = MountedArray.mount(two, scratch.path("mnt"), "--run")) {
                Command.Result refused = run("check", array);
                assertEquals(1, refused.exitStatus());
                assertEquals(
                        List.of("mdfuse: can't check: the array is degraded: nothing is left to compare its blocks"
                                + " with"),
                        refused.errorLines());
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(
                        List.of(
                                "mdfuse: can't repair: the array is mounted read-only; mdfuse check lists what does not fit,"
                                        + " and writes nothing"),
                        run("repair", array).errorLines());
                array.unmount();
            }
        }
    }

    @Test
    @Tag("oracle")
    void mdFindsNothingWrongAfterARepair() throws IOException {
        Needs.oracle();
        try (Scratch scratch = Scratch.create()) {
            List<Images> arrays = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (int level : new int[] {5, 6, 4}) {
                Images images = create(scratch.path("array" + level), level, 5, level != 5);
                String written = fill(images, scratch.path("mnt"));
                corrupt(images.members().get(1), IN_THE_DATA_BYTES, 4096);
                String mended =
                        checkRepairCheck(images, scratch.path("mnt"), 8, level == 6 ? "rd1 is wrong" : "disagree");
                assertTrue(level != 6 || written.equals(mended), "RAID-6 has its content back");
                arrays.add(images);
                ours.add(new Oracle.Verdict(mended, 0));
            }
            assertEquals(ours, Oracle.judge(arrays));
        }
    }
}
