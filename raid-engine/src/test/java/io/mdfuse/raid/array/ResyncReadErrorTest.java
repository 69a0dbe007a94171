package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A member can't read one block while parity is resynced after a crash that left one stripe half written: each block of
 * each member in turn. If the block is data it stays in doubt; if it is parity nothing is lost.
 */
class ResyncReadErrorTest {
    private static final int BLOCK = 4096;

    static Stream<ArrayShape> shapes() {
        return ResyncFailureTest.shapes();
    }

    /** A dirty array that was opened while one of its members can't read some sectors. */
    private record Opened(DirtyArray dirty, List<CrashDisk> disks, RaidArray array) {
        static Opened with(ArrayShape shape, int slot, long stripeSector, long sectors) throws IOException {
            DirtyArray dirty = DirtyArray.make(shape, 1);
            List<CrashDisk> disks = Rebuilds.reopened(dirty.disks);
            long offsetBytes = Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS + stripeSector);
            FaultPlan plan = new FaultPlan(1).badSectors(offsetBytes, Sectors.toBytes(sectors));
            return new Opened(dirty, disks, shape.open(FaultyDevice.among(disks, slot, plan)));
        }

        Set<Integer> unreadable(String words) {
            return dirty.unreadable(array, words);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void parityThatCannotBeReadIsComputedAgain(ArrayShape shape) throws IOException {
        for (long stripe = 0; stripe < shape.geometry().memberSectors(); stripe += Sectors.PER_BLOCK) {
            for (int slot = 0; slot < shape.disks(); slot++) {
                if (dataIndex(shape, stripe, slot) >= 0) {
                    continue;
                }
                Opened opened = Opened.with(shape, slot, stripe, Sectors.PER_BLOCK);
                String words = "P or Q at sector " + stripe + " of slot " + slot;
                assertEquals("none", Rebuilds.attribute(opened.array, "sync_trouble"), words);
                assertEquals("1", Rebuilds.attribute(opened.array, "rd" + slot + "_errors_corrected"), words);
                assertEquals("0", Rebuilds.attribute(opened.array, "degraded"), words);
                Rebuilds.assertReads(opened.array, opened.dirty.content, words);
                opened.array.close();
                assertEquals(-1, shape.wrongParity(opened.disks), words);
                assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(opened.disks), words);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void dataThatCannotBeReadLeavesOneStripeInDoubt(ArrayShape shape) throws IOException {
        for (long stripe = 0; stripe < shape.geometry().memberSectors(); stripe += Sectors.PER_BLOCK) {
            for (int slot = 0; slot < shape.disks(); slot++) {
                if (dataIndex(shape, stripe, slot) < 0) {
                    continue;
                }
                String words = "data at sector " + stripe + " of slot " + slot;
                int lost = fileBlock(shape, stripe, slot);
                Opened opened = Opened.with(shape, slot, stripe, Sectors.PER_BLOCK);
                String trouble = Rebuilds.attribute(opened.array, "sync_trouble");
                assertTrue(trouble.contains("the stripe at sector " + stripe + ":"), trouble);
                assertEquals(new TreeSet<>(List.of(lost)), opened.unreadable(words), words);
                assertOthersSurviveALoss(shape, stripe, slot);
                opened.array.close();
                assertEquals(stripe, Superblocks.resyncOffset(opened.disks), words);
                long wrong = shape.wrongParity(opened.disks);
                assertTrue(
                        wrong == -1 || (wrong >= stripe && wrong < stripe + Sectors.PER_BLOCK), words + ": " + wrong);
            }
        }
    }

    /** If another member fails, its data is solved everywhere except in the stripe in doubt. */
    private static void assertOthersSurviveALoss(ArrayShape shape, long stripe, int slot) throws IOException {
        Opened opened = Opened.with(shape, slot, stripe, Sectors.PER_BLOCK);
        int other = (slot + 1) % shape.disks();
        Rebuilds.manager(opened.array).fail("disk" + other, false);
        Set<Integer> expected = new TreeSet<>(List.of(fileBlock(shape, stripe, slot)));
        if (dataIndex(shape, stripe, other) >= 0) {
            expected.add(fileBlock(shape, stripe, other));
        }
        assertEquals(expected, opened.unreadable("without slot " + other), "without slot " + other);
        opened.array.close();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aWriteOfTheBlockHealsItAndItsStripe(ArrayShape shape) throws IOException {
        for (long stripe = 0; stripe < shape.geometry().memberSectors(); stripe += Sectors.PER_BLOCK) {
            int slot = shape.geometry().dataSlot(shape.geometry().rowOfStripe(stripe), 0);
            String words = "sector " + stripe + " of slot " + slot;
            Opened opened = Opened.with(shape, slot, stripe, Sectors.PER_BLOCK);
            byte[] content = opened.dirty.content;
            Rebuilds.write(opened.array, content, fileBlock(shape, stripe, slot) * BLOCK, BLOCK, new Random(stripe));
            opened.array.flush();
            assertEquals(new TreeSet<>(), opened.unreadable(words), words);
            Rebuilds.manager(opened.array).fail("disk" + (slot + 1) % shape.disks(), false);
            assertEquals(new TreeSet<>(), opened.unreadable(words + ", another member failed"), words);
            opened.array.close();
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theNextMountCompletesTheResync(ArrayShape shape) throws IOException {
        for (boolean written : new boolean[] {false, true}) {
            Opened opened = Opened.with(shape, shape.geometry().dataSlot(0, 0), 0, Sectors.PER_BLOCK);
            byte[] content = opened.dirty.content;
            if (written) {
                Rebuilds.write(opened.array, content, 0, BLOCK, new Random(7));
                assertEquals("none", Rebuilds.attribute(opened.array, "sync_trouble"));
            }
            opened.array.close();
            assertEquals(written ? Superblock.IN_SYNC : 0, Superblocks.resyncOffset(opened.disks));
            // The read error is temporary, as with a loose cable: the disk returns its unchanged content again.
            List<CrashDisk> sound = Rebuilds.reopened(opened.disks);
            RaidArray again = shape.open(sound);
            assertEquals("none", Rebuilds.attribute(again, "sync_trouble"));
            Rebuilds.assertReads(again, content, "mounted again");
            again.close();
            assertEquals(-1, shape.wrongParity(sound));
            assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(sound));
        }
    }

    /**
     * Parity that a write computed before the resync reached the stripe is correct, and can solve a block that became
     * unreadable afterwards.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void aStripeThatWasWrittenBeforeTheResyncIsNotInDoubt(ArrayShape shape) throws IOException {
        DirtyArray dirty = DirtyArray.make(shape, 1);
        List<CrashDisk> disks = Rebuilds.reopened(dirty.disks);
        ArrayGeometry geometry = shape.geometry();
        FaultPlan plan = new FaultPlan(1);
        int unreadable = geometry.dataSlot(DirtyArray.TORN_ROW, 0);
        List<Runnable> resyncs = new ArrayList<>();
        RaidArray array = ResyncFailureTest.openHolding(FaultyDevice.among(disks, unreadable, plan), resyncs);
        long stripeSector = (long) DirtyArray.TORN_ROW * shape.chunkSectors();
        int beside = (int) Sectors.toBytes(geometry.arraySectorOf(stripeSector, 1));
        Rebuilds.write(array, dirty.content, beside, BLOCK, new Random(7));
        array.flush();
        plan.badSectors(Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS + stripeSector), BLOCK);
        assertEquals(1, resyncs.size());
        resyncs.forEach(Runnable::run);
        assertEquals("none", Rebuilds.attribute(array, "sync_trouble"));
        Rebuilds.assertReads(array, dirty.content, shape.toString());
        assertEquals("1", Rebuilds.attribute(array, "rd" + unreadable + "_errors_corrected"));
        array.close();
        assertEquals(-1, shape.wrongParity(disks));
    }

    /**
     * A sector stays unreadable: without a bad-block log the resync skips the stripe, and the member does not become
     * faulty.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void parityThatCannotBeWrittenIsListedOrSkipped(ArrayShape shape) throws IOException {
        for (boolean listing : new boolean[] {false, true}) {
            DirtyArray dirty = DirtyArray.make(shape, 1);
            long stripe = (long) DirtyArray.TORN_ROW * shape.chunkSectors();
            int slot = shape.geometry().parityP(DirtyArray.TORN_ROW);
            List<CrashDisk> disks = Rebuilds.reopened(dirty.disks);
            if (listing) {
                ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
            }
            List<BlockDevice> devices = new ArrayList<>(disks);
            devices.set(slot, new GoneSector(devices.get(slot), ArrayShape.DATA_OFFSET_SECTORS + stripe));
            RaidArray array = shape.open(devices);
            String trouble = Rebuilds.attribute(array, "sync_trouble");
            String words = "with a list: " + listing + ", " + trouble;
            assertEquals("0", Rebuilds.attribute(array, "degraded"), words);
            assertEquals(!listing, trouble.contains("the stripe at sector " + stripe + ":"), words);
            Rebuilds.assertReads(array, dirty.content, words);
            array.close();
            assertEquals(listing ? Superblock.IN_SYNC : stripe, Superblocks.resyncOffset(disks), words);
        }
    }

    /** A device of which one sector can neither be read nor written. */
    private static final class GoneSector extends ForwardingDevice {
        private final long offsetBytes;

        GoneSector(BlockDevice device, long sector) {
            super(device);
            this.offsetBytes = Sectors.toBytes(sector);
        }

        private void refuse(String verb, long fromBytes, long lengthBytes) throws DeviceException {
            if (fromBytes <= offsetBytes && offsetBytes < fromBytes + lengthBytes) {
                throw new DeviceException(name(), verb, fromBytes, lengthBytes, "a sector is gone");
            }
        }

        @Override
        public void read(long fromBytes, MemorySegment target) throws DeviceException {
            refuse("read", fromBytes, target.byteSize());
            super.read(fromBytes, target);
        }

        @Override
        public void write(long fromBytes, MemorySegment source) throws DeviceException {
            refuse("write", fromBytes, source.byteSize());
            super.write(fromBytes, source);
        }
    }

    @Test
    void aDeviceThatReadsNothingEndsTheResync() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.RAID4, 3, 8, 300, 0, Superblock.IN_SYNC, false);
        Opened opened = Opened.with(shape, 0, 8, 299 * Sectors.PER_BLOCK);
        String trouble = Rebuilds.attribute(opened.array, "sync_trouble");
        assertTrue(trouble.startsWith("the resync stopped at sector 2056: more than 256 stripes"), trouble);
        assertEquals(299, opened.unreadable("half a dead disk").size());
        opened.array.close();
        assertEquals(8, Superblocks.resyncOffset(opened.disks));
    }

    private static int dataIndex(ArrayShape shape, long stripeSector, int slot) {
        ArrayGeometry geometry = shape.geometry();
        return geometry.dataIndex(geometry.rowOfStripe(stripeSector), slot);
    }

    private static int fileBlock(ArrayShape shape, long stripeSector, int slot) {
        long arraySector = shape.geometry().arraySectorOf(stripeSector, dataIndex(shape, stripeSector, slot));
        return Math.toIntExact(arraySector / Sectors.PER_BLOCK);
    }
}
