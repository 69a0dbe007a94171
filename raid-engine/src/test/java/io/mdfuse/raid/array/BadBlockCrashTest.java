package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Power fails at every event while blocks are listed as bad, and while listed blocks are removed from the list. */
@Execution(ExecutionMode.CONCURRENT)
class BadBlockCrashTest {
    private static final Pattern PLACE = Pattern.compile("^(?:LOST|DOUBT): .* volume offset ([0-9]+)");
    private static final int DATA_SECTOR = ArrayShape.DATA_OFFSET_SECTORS;

    private static ArrayShape shape(ParityLayout layout, int disks, int journalBlocks, boolean writeBack) {
        return new ArrayShape(layout, disks, 16, 4, journalBlocks, Superblock.IN_SYNC, writeBack);
    }

    static Stream<ArrayShape> plain() {
        return Stream.of(
                shape(ParityLayout.RAID4, 3, 0, false),
                shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 0, false),
                shape(ParityLayout.LEFT_SYMMETRIC_6, 4, 0, false));
    }

    static Stream<ArrayShape> journaled() {
        return Stream.of(
                shape(ParityLayout.LEFT_SYMMETRIC_5, 3, 24, false),
                shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 48, true),
                shape(ParityLayout.RIGHT_ASYMMETRIC_5, 4, 64, true),
                shape(ParityLayout.RAID4, 4, 32, false),
                shape(ParityLayout.LEFT_SYMMETRIC_6, 5, 48, false),
                shape(ParityLayout.LEFT_SYMMETRIC_6, 4, 64, true));
    }

    static Stream<ArrayShape> all() {
        return Stream.concat(plain(), journaled());
    }

    /** A block can't be written back and is listed: at no moment is its content returned. */
    @ParameterizedTest
    @MethodSource("all")
    void aCrashWhileABlockIsListedIsSafe(ArrayShape shape) throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), DATA_SECTOR);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, new Random(3));
        array.close();
        CrashTrace trace = CrashTrace.recording();
        disks = CrashDisk.onTrace(disks, trace);
        int slot = shape.geometry().dataSlot(0, 1);
        long[] sectors = {0, 8};
        for (long sector : sectors) {
            ListedBlocks.scramble(disks.get(slot), DATA_SECTOR + sector);
        }
        disks.get(slot).flush();
        trace.restart();
        FaultPlan plan = new FaultPlan(1);
        List<BlockDevice> devices = FaultyDevice.among(disks, slot, plan);
        array = shape.open(devices);
        for (long sector : sectors) {
            plan.badSectors(Sectors.toBytes(DATA_SECTOR + sector), 4096);
        }
        for (long sector : sectors) {
            plan.failNth(Verb.WRITE, plan.calls(Verb.WRITE) + 1);
            try (Arena arena = Arena.ofConfined()) {
                array.read(shape.geometry().chunkBytes() + Sectors.toBytes(sector), arena.allocate(512));
            }
        }
        Rebuilds.assertReads(array, content, shape.toString());
        array.close();
        int[] listed = new int[3];
        new CrashStates(trace, 2, 2, 17).forEach(new Thinning(3), state -> {
            List<BlockDevice> found = new ArrayList<>(state.disks(CrashTrace.notRecording()));
            FaultPlan still = new FaultPlan(1);
            int onList = 0;
            for (long sector : sectors) {
                boolean isListed = ListedBlocks.on(found.get(slot)).stream()
                        .anyMatch(range -> range.sector() <= sector && sector < range.endSector());
                onList += isListed ? 1 : 0;
                if (!isListed) {
                    // The block was not rewritten, so the drive still can't read it.
                    still.badSectors(Sectors.toBytes(DATA_SECTOR + sector), 4096);
                }
            }
            listed[onList]++;
            found.set(slot, new FaultyDevice(found.get(slot), still));
            RaidArray again = shape.open(found);
            Rebuilds.assertReads(again, content, state.toString());
            again.close();
        });
        assertTrue(listed[0] > 0 && listed[2] > 0, listed[0] + ", " + listed[1] + ", " + listed[2]);
    }

    /** Lists as many blocks of each stripe as parity can replace; the array contains zeros. */
    private static List<CrashDisk> zerosWithListedBlocks(ArrayShape shape, CrashTrace trace) throws IOException {
        List<CrashDisk> disks = shape.create(trace);
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), DATA_SECTOR);
        for (int slot = 0; slot < shape.disks(); slot++) {
            List<Long> sectors = new ArrayList<>();
            for (long stripe = 0; stripe < shape.geometry().memberSectors() / 8; stripe++) {
                for (int k = 0; k < shape.layout().parityCount(); k++) {
                    if ((stripe + stripe / shape.disks() + k) % (shape.disks() + 1) == slot) {
                        sectors.add(stripe * 8);
                    }
                }
            }
            ListedBlocks.list(
                    disks.get(slot), sectors.stream().mapToLong(Long::longValue).toArray());
        }
        return disks;
    }

    /**
     * With a journal nothing is lost or torn, even if the log is replayed over listed blocks, and a second time. As
     * with a missing member, a torn log may not contain enough to solve a listed block: then each such block is
     * reported.
     */
    @ParameterizedTest
    @MethodSource("journaled")
    void aJournalIsReplayedAroundListedBlocks(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = zerosWithListedBlocks(shape, trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, !shape.writeBack(), 42);
        RaidArray array = shape.open(disks);
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        int chunkBytes = shape.geometry().chunkBytes();
        model.write(array, rowBytes, 4096);
        model.write(array, chunkBytes + 100, 700);
        model.flush(array);
        model.write(array, rowBytes + chunkBytes - 1000, 3000);
        model.write(array, 4096, 4096);
        model.zero(array, rowBytes + 4096, rowBytes);
        model.flush(array);
        model.write(array, 2L * rowBytes, rowBytes);
        model.write(array, 3L * rowBytes + chunkBytes, 8192);
        model.write(array, 3L * rowBytes, 4096);
        array.close();
        int[] told = new int[1];
        long count = new CrashStates(trace, 3, 1, 17)
                .forEach(new Thinning(3), state -> told[0] += recoverTwice(shape, model, state));
        assertTrue(count > 200, "only " + count + " states");
        assertTrue(told[0] < count / 4, told[0] + " of " + count + " states could not be told");
    }

    /** 1 if a block was reported as in doubt or lost, else 0. */
    private static int recoverTwice(ArrayShape shape, VolumeModel model, CrashState state) throws IOException {
        CrashTrace recovery = CrashTrace.recording();
        Set<Long> told = new HashSet<>();
        check(shape, model, state.disks(recovery), state.prefixLength(), told);
        Random random = new Random(state.prefixLength() * 31L + state.survival().hashCode());
        int cut = random.nextInt(recovery.length() + 1);
        Survival survival = new Survival.Seeded(random.nextLong());
        try {
            check(shape, model, recovery.materialise(cut, survival), state.prefixLength(), told);
        } catch (AssertionError e) {
            throw new AssertionError("recovery cut short after " + cut + ", " + survival + ": " + e.getMessage(), e);
        }
        return told.isEmpty() ? 0 : 1;
    }

    /** Reads all blocks, so that all listed blocks are written back; then parity must match the disks. */
    private static void check(ArrayShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt, Set<Long> told)
            throws IOException {
        RaidArray array = shape.open(disks);
        for (String message : array.startMessages()) {
            Matcher place = PLACE.matcher(message);
            if (place.find()) {
                told.add(Long.parseLong(place.group(1)));
            }
        }
        model.checkBut(told, array, crashedAt);
        array.setAttribute("sync_action", "check");
        assertEquals("0", array.attributes().get("mismatch_cnt"));
        assertEquals("done", array.attributes().get("last_sync_result"));
        array.close();
        for (CrashDisk disk : Rebuilds.reopened(disks).subList(0, shape.disks())) {
            assertEquals(List.of(), ListedBlocks.on(disk));
        }
        assertEquals(-1, shape.wrongParity(disks), "member sector with wrong parity");
    }

    /** Without a journal: a listed block that is being written is old or new, sector by sector. */
    @ParameterizedTest
    @MethodSource("plain")
    void aListedBlockThatIsWrittenIsOldOrNewAfterACrash(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = zerosWithListedBlocks(shape, trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        RaidArray array = shape.open(disks);
        ArrayGeometry geometry = shape.geometry();
        for (long at = 0; at < geometry.arrayBytes(); at += 4096) {
            int slot = geometry.slotOf(at / 512);
            long stripe = geometry.stripeSectorOf(at / 512);
            boolean listed = ListedBlocks.on(disks.get(slot)).stream()
                    .anyMatch(range -> range.sector() <= stripe && stripe < range.endSector());
            boolean alone = shape.layout().parityCount() == 1;
            if (listed && alone) {
                model.write(array, at + (stripe % 16 == 0 ? 0 : 512), stripe % 16 == 0 ? 4096 : 1024);
                if (stripe % 32 == 0) {
                    model.flush(array);
                }
            }
        }
        model.flush(array);
        array.close();
        new CrashStates(trace, 3, 1, 17).forEach(new Thinning(3), state -> {
            List<CrashDisk> found = state.disks(CrashTrace.notRecording());
            RaidArray again = shape.open(found);
            Rebuilds.awaitSettled(again);
            model.check(again, state.prefixLength());
            again.close();
        });
    }

    /**
     * The stripe's parity is missing, so a listed block can't be solved: after a flushed write to the block it can be
     * read.
     */
    @Test
    void aFlushMakesAListedBlockDurableThatCantBeSolved() throws IOException {
        ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_5, 4, 0, false);
        ArrayGeometry geometry = shape.geometry();
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        ListedBlocks.giveLogs(disks, DATA_SECTOR);
        int missing = geometry.parityP(1);
        int slot = geometry.dataSlot(1, 2);
        ListedBlocks.list(disks.get(slot), 24);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, geometry.arrayBytes(), 512, false, 42);
        List<CrashDisk> left = new ArrayList<>(disks);
        left.remove(missing);
        RaidArray array = shape.open(left, true);
        model.write(array, Sectors.toBytes(geometry.arraySectorOf(24, 2)), 4096);
        model.flush(array);
        int flushed = trace.length();
        model.checkAnswered(array);
        array.close();
        AssembleOptions forced = AssembleOptions.defaults().withForce(true).withRun(true);
        long count = new CrashStates(trace, 3, 1, 17).forEach(flushed, state -> {
            List<CrashDisk> found = new ArrayList<>(state.disks(CrashTrace.notRecording()));
            found.remove(missing);
            RaidArray again = ArrayShape.open(found, null, forced);
            model.check(again, state.prefixLength());
            again.close();
        });
        assertTrue(count > 5, count + " states");
    }

    /**
     * Partial parity guarantees that a crash changes no block that was not being written; that includes listed blocks.
     */
    @Test
    void partialParityCoversListedBlocks() throws IOException {
        PolicyShape shape = new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, Features.PPL, Superblock.IN_SYNC);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, editor -> editor.ppl(8, 128));
        }
        ListedBlocks.giveLogs(disks, PolicyShape.DATA_OFFSET_SECTORS);
        for (int slot = 0; slot < 4; slot++) {
            ListedBlocks.list(disks.get(slot), slot * 8L);
        }
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        ManualTimer timer = new ManualTimer();
        RaidArray array = PolicyShape.open(disks, timer);
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        for (int row = 0; row < 4; row++) {
            model.write(array, (long) row * rowBytes + 4096, 4096);
            model.write(array, (long) row * rowBytes + 1000, 700);
            timer.pass(row % 2 == 0 ? 300 : 10);
        }
        model.write(array, rowBytes, 2 * rowBytes);
        model.flush(array);
        array.close();
        long count = new CrashStates(trace, 3, 1, 17).forEach(new Thinning(3), state -> {
            RaidArray again = PolicyShape.open(state.disks(CrashTrace.notRecording()), new ManualTimer());
            model.checkSettled(again, state.prefixLength());
            again.close();
        });
        assertTrue(count > 100, count + " states");
    }
}
