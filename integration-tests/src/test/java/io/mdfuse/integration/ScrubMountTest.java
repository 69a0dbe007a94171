package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images that were changed outside of md, given to {@code mdfuse check} and {@code mdfuse repair}. */
class ScrubMountTest {
    /** An offset behind the superblock and inside the data for each possible data offset. */
    private static final long IN_THE_DATA_BYTES = 6 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Images create(Path directory, int level, int members, boolean journal) throws IOException {
        Images images = Images.blank(
                directory, members, TestArrayShape.MEMBER_BYTES, journal ? TestArrayShape.JOURNAL_BYTES : 0);
        return images.create(level, "--chunk", "64K", "--assume-clean");
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

    /** Fills the array; returns the sha256 of its content. */
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
            assertTrue(repaired.output().contains("sectors, all repaired: " + mismatches), repaired::toString);
            assertTrue(found.output().contains("mdfuse repair " + mountPoint), found::toString);
            Command.Result waited = run("wait", array);
            assertEquals("nothing is under way\n", waited.orFail().output());
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
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            for (boolean journal : new boolean[] {false, true}) {
                Images images = create(scratch.path("array-" + journal), 6, 5, journal);
                String written = fill(images, scratch.path("mnt"));
                corrupt(images.members().get(3), IN_THE_DATA_BYTES, 8192);
                assertEquals(
                        written,
                        checkRepairCheck(
                                images,
                                scratch.path("mnt"),
                                16,
                                "rd3 (" + images.members().get(3) + ") is wrong"));
            }
        }
    }

    /** If one device does not fit nearly everywhere, the parity may be wrong; what is read stays as it is. */
    @Test
    void aDeviceThatFitsNowhereIsNotRepairedUnasked() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = create(scratch.path("array"), 6, 5, false);
            fill(images, scratch.path("mnt"));
            Path changed = images.members().get(1);
            corrupt(changed, IN_THE_DATA_BYTES, (int) (Files.size(changed) - IN_THE_DATA_BYTES) / 2);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                String before = Digests.sha256(array.volume());
                Command.Result refused = run("repair", array);
                assertEquals(1, refused.exitStatus(), refused::toString);
                assertEquals("", refused.output());
                String line = refused.errorLines().getFirst();
                assertTrue(
                        line.startsWith("mdfuse: can't repair: rd1 (" + changed + ") does not fit the others"), line);
                assertTrue(line.contains("mdfuse repair --keep-data"), line);
                assertEquals(before, Digests.sha256(array.volume()));
                run("repair", array, "--keep-data").orFail();
                assertEquals(before, Digests.sha256(array.volume()));
                assertEquals(
                        "mismatch_cnt: 0 sectors\n",
                        run("check", array).orFail().output());
                array.unmount();
            }
        }
    }

    @Test
    void checkRefusesWhatItCannotCompare() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = create(scratch.path("array"), 5, 3, false);
            fill(images, scratch.path("mnt"));
            Images two = new Images(images.directory(), images.members().subList(0, 2), null);
            try (MountedArray array = MountedArray.mount(two, scratch.path("mnt"), "--run")) {
                Command.Result refused = run("check", array);
                assertEquals(1, refused.exitStatus());
                assertEquals(
                        List.of("mdfuse: can't check: the array is degraded: 1 of its 3 members are missing, and with"
                                + " them all redundancy: nothing is left to compare the blocks with; add devices"
                                + " first"),
                        refused.errorLines());
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertEquals(
                        List.of("mdfuse: can't repair: the array is mounted read-only; mdfuse check"
                                + " lists what does not fit,"
                                + " and writes nothing"),
                        run("repair", array).errorLines());
                array.unmount();
            }
        }
    }

    /** A check that was stopped may have found fewer mismatches than there are. */
    @Test
    void waitSaysThatTheLastCheckWasStopped() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = create(scratch.path("array"), 5, 3, false);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                array.setAttribute("sync_speed_max", "1");
                array.setAttribute("sync_min", "8");
                run("check", array, "--no-wait").orFail();
                run("check", array, "--stop").orFail();
                Command.Result waited = run("wait", array);
                assertEquals(1, waited.exitStatus(), waited::toString);
                assertTrue(
                        waited.output().startsWith("nothing is under way; the last check stopped at sector "),
                        waited::toString);
                array.unmount();
            }
        }
    }

    private static String mdCheckAndRepair(Images images) throws IOException {
        String job = """
                md=/dev/md0 sys=/sys/block/md0/md
                mdadm --assemble --run $md NODES >&2
                for action in check repair check; do
                  echo $action >$sys/sync_action
                  sleep 0.1
                  until grep -q $action $sys/last_sync_action && grep -q '^idle' $sys/sync_action; do sleep 0.02; done
                  printf '%s ' $(cat $sys/mismatch_cnt)
                done
                sha256sum <$md | cut -d' ' -f1
                mdadm --stop $md >&2
                """;
        return Oracle.runEach(List.of(job), List.of(images)).getFirst();
    }

    /**
     * The same wrong blocks, and one member missing: md and mdfuse count the same, and both keep the content that was
     * read before.
     */
    @Test
    @Tag("oracle")
    void raid6WithOneMissingIsCheckedAndRepairedAsMdDoes() throws IOException {
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            for (int missing = 0; missing < 4; missing += 3) {
                Images images = create(scratch.path("array" + missing), 6, 5, missing == 3);
                fill(images, scratch.path("mnt"));
                // Four rows, in which the lying block, the missing block and parity are in different roles.
                for (int row = 0; row < 4; row++) {
                    corrupt(images.members().get(1), IN_THE_DATA_BYTES + row * (65536L + 4096), 4096);
                }
                List<Path> left = new ArrayList<>(images.members());
                left.remove(missing);
                Images degraded = new Images(images.directory(), left, images.journal());
                String md = mdCheckAndRepair(degraded.copyTo(scratch.path("copy" + missing)));
                try (MountedArray array = MountedArray.mount(degraded, scratch.path("mnt"), "--run")) {
                    String read = Digests.sha256(array.volume());
                    Command.Result found = run("check", array);
                    assertTrue(found.output().startsWith("mismatch_cnt: 32 sectors\n"), found::toString);
                    Command.Result repaired = run("repair", array).orFail();
                    assertTrue(repaired.output().contains("32 sectors by making parity"), repaired::toString);
                    run("check", array).orFail();
                    assertEquals(md, "32 32 0 " + read);
                    assertEquals(read, Digests.sha256(array.volume()));
                    array.unmount();
                }
                assertEquals(md.replace("32 32", "0 0"), mdCheckAndRepair(degraded));
            }
        }
    }

    @Test
    @Tag("oracle")
    void mdFindsNothingWrongAfterARepair() throws IOException {
        Needs.oracle();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            List<Oracle.Verdict> ours = new ArrayList<>();
            for (int level : new int[] {5, 6, 4}) {
                Images images = create(scratch.path("array" + level), level, 5, level != 5);
                String written = fill(images, scratch.path("mnt"));
                corrupt(images.members().get(1), IN_THE_DATA_BYTES, 4096);
                String mended = checkRepairCheck(
                        images,
                        scratch.path("mnt"),
                        8,
                        level == 6 ? "rd1 (" + images.members().get(1) + ") is wrong" : "disagree");
                assertTrue(level != 6 || written.equals(mended), "RAID-6 has its content back");
                arrays.add(images);
                ours.add(new Oracle.Verdict(mended, 0));
            }
            assertEquals(ours, Oracle.judge(arrays));
        }
    }
}
