package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.store.StoreListener;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A device's bad-block log: what is accepted, what is refused, and in which order it is written with the superblock.
 */
class BadBlockLogTest {
    private static final int OFFSET = 128;
    private static final int LOG_SECTOR = 8 + OFFSET;
    private static final int COUNTING = Features.JOURNAL | Features.BAD_BLOCKS;

    private static FoundDevice device(int features, List<Long> entries) throws IOException {
        FoundDevice found =
                SuperblockDisks.device(1, e -> e.featureMap(features).badBlockLog(0, 8, OFFSET));
        byte[] log = BadBlockList.bytes(entries, 4096);
        DevicePage.write(found.device(), LOG_SECTOR, log, log.length);
        return found;
    }

    private static BadBlockLog log(FoundDevice found) throws ArrayRefusedException {
        return BadBlockLog.of(found).orElseThrow();
    }

    @Test
    void aValidLogListsItsBlocks() throws Exception {
        List<Long> entries = List.of((3000L << 10) | 8, (2048L << 10) | 1, (3008L << 10) | 512);
        BadBlockLog log = log(device(COUNTING, entries));
        assertEquals(
                List.of(new BadRange(2048, 1), new BadRange(3000, 520)),
                log.badBlocks().ranges());
        assertTrue(log.counts());
        assertTrue(log.badBlocks().isStored());
    }

    @Test
    void aLogThatIsNotValidListsNothing() throws Exception {
        BadBlockLog log = log(device(Features.JOURNAL, List.of((3000L << 10) | 8)));
        assertTrue(log.badBlocks().isEmpty());
        assertTrue(log.badBlocks().hasLog());
        assertFalse(log.counts());
    }

    @Test
    void theShiftOfTheSuperblockAppliesToAllEntries() throws Exception {
        FoundDevice found =
                SuperblockDisks.device(1, e -> e.featureMap(COUNTING).badBlockLog(3, 8, OFFSET));
        DevicePage.write(found.device(), LOG_SECTOR, BadBlockList.bytes(List.of((300L << 10) | 2), 4096), 4096);
        assertEquals(List.of(new BadRange(2400, 16)), log(found).badBlocks().ranges());
    }

    @Test
    void invalidEntriesAreRefusedByName() throws Exception {
        refused(device(COUNTING, List.of((3000L << 10) | 513)), "makes no sense");
        refused(device(COUNTING, List.of((-2L << 10) | 8)), "makes no sense");
        refused(with(e -> e.badBlockLog(0, 0, OFFSET)), "no place");
        refused(with(e -> e.badBlockLog(0, 8, 0)), "no place");
        refused(with(e -> e.badBlockLog(0, 9, OFFSET)), "9 sectors");
        refused(with(e -> e.badBlockLog(64, 8, OFFSET)), "shift 64");
        refused(with(e -> e.badBlockLog(0, 8, 2033)), "used for something else");
        refused(with(e -> e.badBlockLog(0, 8, -7)), "used for something else");
        refused(with(e -> e.badBlockLog(0, 8, -9)), "not on the device");
        refused(with(e -> e.badBlockLog(0, 8, 16384 - 8)), "not on the device");
    }

    private static FoundDevice with(Consumer<SuperblockEditor> change) throws IOException {
        return SuperblockDisks.device(1, e -> change.accept(e.featureMap(COUNTING)));
    }

    private static void refused(FoundDevice found, String because) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> BadBlockLog.of(found));
        assertEquals(Reason.CORRUPT, e.reason());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("disk1: ") && message.contains(because), message);
    }

    /**
     * mdadm before 4.5 created such logs, and Linux 6.7 and later refuses them: after the first update the log is not
     * valid any more.
     */
    @Test
    void aLogOfZerosIsEmptyAndNotValidAfterTheNextUpdate() throws Exception {
        FoundDevice zeros = device(COUNTING, Collections.nCopies(512, 0L));
        BadBlockLog log = log(zeros);
        assertTrue(log.badBlocks().isEmpty());
        assertEquals(512, log.emptyEntries());
        assertFalse(log.counts());
    }

    @Test
    void entriesOfLengthZeroListNothingAndAreRemovedByTheNextUpdate() throws Exception {
        FoundDevice mixed = device(COUNTING, List.of(0L, (3000L << 10) | 8, 3100L << 10, (3200L << 10) | 1));
        BadBlockLog log = log(mixed);
        assertEquals(2, log.emptyEntries());
        List<BadRange> listed = List.of(new BadRange(3000, 8), new BadRange(3200, 1));
        assertEquals(listed, log.badBlocks().ranges());
        assertFalse(log.badBlocks().isStored());
        log.write(log.badBlocks().ranges(), () -> {});
        BadBlockLog next = log(mixed);
        assertEquals(listed, next.badBlocks().ranges());
        assertEquals(0, next.emptyEntries());
        assertTrue(next.badBlocks().isStored());
    }

    @Test
    void aListThatCanNotBeReadIsRefused() throws Exception {
        FoundDevice found = device(COUNTING, List.of((3000L << 10) | 8));
        FaultPlan plan = new FaultPlan(1);
        plan.badSectors(LOG_SECTOR * 512L, 512);
        refused(new FoundDevice(new FaultyDevice(found.device(), plan), found.superblock()), "can't be read");
    }

    /**
     * A log in an area that is not free can't be written; while nothing is bad, the device counts as one without a log.
     */
    @Test
    void anAreaThatIsNotFreeIsNoLog() throws Exception {
        FoundDevice found = SuperblockDisks.device(1, e -> e.badBlockLog(0, 8, 2040));
        assertTrue(BadBlockLog.of(found).isEmpty());
        assertTrue(BadBlockLog.of(SuperblockDisks.device(1, e -> {})).isEmpty());
    }

    /** mdadm 4.6 puts the log of a small member where Linux 7.3 writes all of the space of a lockless bitmap. */
    @Test
    void aLogInsideTheSpaceOfALocklessBitmapIsNoLog() throws Exception {
        for (boolean counts : new boolean[] {false, true}) {
            int features = Features.BITMAP | (counts ? Features.BAD_BLOCKS : 0);
            FoundDevice found = SuperblockDisks.device(
                    1, e -> e.featureMap(features).bitmapOffsetSectors(8).badBlockLog(0, 8, 16));
            BitmapSuperblock head = new BitmapSuperblock(
                    6, found.superblock().setUuid(), 1, 0, found.superblock().usedSectors(), 0, 64 << 10, 30, 0, 256);
            byte[] page = new byte[512];
            head.put(page);
            DevicePage.write(found.device(), 16, page, page.length);
            byte[] list = BadBlockList.bytes(List.of((2048L << 10) | 1), 4096);
            DevicePage.write(found.device(), 24, list, list.length);
            assertEquals(counts, BadBlockLog.of(found).isPresent(), "it is read only while it is in force");
            DevicePage.write(found.device(), 24, new byte[4096], 4096);
            if (counts) {
                refused(found, "the list of them was overwritten");
            }
        }
    }

    /** Three members with logs, and a store that keeps the logs up to date. */
    private static final class Kept {
        final CrashTrace trace = CrashTrace.recording();
        final List<FaultPlan> plans = new ArrayList<>();
        final List<BadBlockLog> logs = new ArrayList<>();
        final List<Integer> failed = new ArrayList<>();
        final SuperblockStore store;

        Kept() throws IOException {
            List<FoundDevice> devices = new ArrayList<>();
            for (FoundDevice device : SuperblockDisks.array(trace, e -> e.badBlockLog(0, 8, OFFSET))) {
                FaultPlan plan = new FaultPlan(1);
                plans.add(plan);
                devices.add(new FoundDevice(new FaultyDevice(device.device(), plan), device.superblock()));
            }
            StoreListener listener = new StoreListener() {
                @Override
                public void memberFailed(int deviceNumber, IOException cause) {
                    failed.add(deviceNumber);
                }

                @Override
                public void journalFailed(IOException cause) {
                    failed.add(3);
                }
            };
            store = new SuperblockStore(AssemblyRules.assemble(devices), () -> Instant.ofEpochSecond(1), listener);
            for (int number = 0; number < 3; number++) {
                logs.add(BadBlockLog.of(devices.get(number)).orElseThrow());
                store.keepBadBlocks(number, logs.get(number));
            }
            trace.restart();
        }

        BadBlocks blocks(int number) {
            return logs.get(number).badBlocks();
        }
    }

    private static List<BadRange> onDisk(CrashDisk disk) throws IOException {
        FoundDevice found = MemberLocator.require(disk);
        assertEquals(!log(found).badBlocks().isEmpty(), found.superblock().hasFeature(Features.BAD_BLOCKS));
        return log(found).badBlocks().ranges();
    }

    @Test
    void theFeatureIsSetOnlyWhileBlocksAreListed() throws Exception {
        Kept kept = new Kept();
        kept.blocks(1).add(3000, 8);
        assertFalse(kept.blocks(1).isStored());
        kept.store.storeBadBlocks();
        assertTrue(kept.blocks(1).isStored());
        assertEquals(List.of(new BadRange(3000, 8)), onDisk(kept.trace.disks().get(1)));
        assertEquals(List.of(), onDisk(kept.trace.disks().get(0)));
        kept.blocks(1).add(4000, 8);
        kept.blocks(1).remove(3000, 4);
        kept.store.storeTail(128);
        assertEquals(
                List.of(new BadRange(3004, 4), new BadRange(4000, 8)),
                onDisk(kept.trace.disks().get(1)));
        kept.blocks(1).remove(0, 8192);
        kept.store.storeTail(256);
        assertEquals(List.of(), onDisk(kept.trace.disks().get(1)));
        // Once more, over the old list that is still on the disk.
        kept.blocks(1).add(5000, 8);
        kept.store.storeBadBlocks();
        assertEquals(List.of(new BadRange(5000, 8)), onDisk(kept.trace.disks().get(1)));
        assertEquals(List.of(), kept.failed);
    }

    /** After every crash the blocks that were bad before and after are listed, and no block that was never bad. */
    @Test
    void eachCrashLeavesTheOldListOrTheNew() throws Exception {
        Kept kept = new Kept();
        kept.blocks(1).add(3000, 8);
        kept.store.storeBadBlocks();
        crashes(kept, () -> kept.blocks(1).add(4000, 8), List.of(new BadRange(3000, 8)));
        crashes(kept, () -> kept.blocks(1).remove(3000, 8), List.of(new BadRange(4000, 8)));
        crashes(kept, () -> kept.blocks(1).remove(4000, 8), List.of());
        crashes(kept, () -> kept.blocks(1).add(5000, 8), List.of());
    }

    private static void crashes(Kept kept, Runnable change, List<BadRange> always) throws IOException {
        List<BadRange> before = kept.blocks(1).ranges();
        kept.trace.restart();
        change.run();
        kept.store.storeBadBlocks();
        List<BadRange> after = kept.blocks(1).ranges();
        long states = new CrashStates(kept.trace, 8, 4, 1).forEach(state -> {
            List<BadRange> found = onDisk(state.disks(CrashTrace.notRecording()).get(1));
            assertTrue(found.containsAll(always), () -> state + ": " + found);
            assertTrue(found.equals(before) || found.equals(after), () -> state + ": " + found);
        });
        assertTrue(states > 10, "only " + states + " states");
    }

    @Test
    void aListThatCanNotBeWrittenFailsItsDevice() throws Exception {
        Kept kept = new Kept();
        kept.blocks(1).add(3000, 8);
        kept.plans.get(1).failNth(Verb.WRITE, 1);
        kept.store.storeBadBlocks();
        assertEquals(List.of(1), kept.failed);
        assertEquals(
                7, MemberLocator.require(kept.trace.disks().get(1)).superblock().events());
        assertEquals(
                8, MemberLocator.require(kept.trace.disks().get(0)).superblock().events());
    }
}
