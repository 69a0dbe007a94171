package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When the bits of a write-intent bitmap are set and cleared, and which stripes a resync skips after a crash. One bit
 * covers one stripe.
 */
class BitmapArrayTest {
    private static final PolicyShape SHAPE =
            new PolicyShape(ParityLayout.forLevel(5).get(2), 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);

    private final CrashTrace trace = CrashTrace.recording();
    private final ManualTimer timer = new ManualTimer();

    private static void write(RaidArray array, long offsetBytes, int lengthBytes, int fill) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            array.write(offsetBytes, arena.allocate(lengthBytes).fill((byte) fill));
        }
    }

    private static BitSet set(int... bits) {
        BitSet set = new BitSet();
        for (int bit : bits) {
            set.set(bit);
        }
        return set;
    }

    private static void assertBits(BitSet expected, List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            assertEquals(expected, SHAPE.bits(disk), disk.name());
        }
    }

    @Test
    void aBitIsSetBeforeTheWriteAndClearedAtTheSecondTickAfterIt() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        assertBits(set(0), disks);
        write(array, SHAPE.geometry().rowSectors() * 512 + 4096, 4096, 2);
        assertBits(set(0, 3), disks);
        timer.pass(5000);
        assertBits(set(0, 3), disks);
        write(array, 0, 4096, 3);
        timer.pass(5000);
        assertBits(set(0), disks);
        timer.pass(5000);
        assertBits(set(), disks);
        array.close();
    }

    /** The server of a network device may restart while the array is at rest; what was not flushed would be lost. */
    @Test
    void atRestNothingIsUnflushed() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        for (int ticks = 0; ticks < 4; ticks++) {
            timer.pass(5000);
        }
        assertBits(set(), disks);
        for (CrashDisk disk : disks) {
            assertEquals(0, disk.pendingCount(), disk.name());
        }
        array.close();
    }

    @Test
    void aWriteWhoseBitIsSetNeedsNoFlush() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        trace.restart();
        write(array, 0, 4096, 2);
        assertEquals(
                0,
                trace.events().stream()
                        .filter(event -> event instanceof DiskEvent.Flush)
                        .count());
        assertEquals(2, trace.length());
        array.close();
    }

    /** Of a rescued image the bitmap may be missing; the array is only read then, and needs none. */
    @Test
    void aBitmapInAHoleDoesNotKeepTheArrayFromBeingRead() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray written = PolicyShape.open(disks, timer);
        write(written, 0, 4096, 7);
        written.close();
        List<BlockDevice> images = new ArrayList<>(Rebuilds.reopened(disks));
        BlockDevice image = images.get(1);
        long bitmapBytes = Sectors.toBytes(PolicyShape.AREA_SECTOR);
        images.set(1, new HoledDevice(image, image.sizeBytes(), ByteRanges.of(bitmapBytes, bitmapBytes + 4096)));
        RaidArray array =
                ArrayShape.open(images, null, AssembleOptions.defaults().withReadOnly(true));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(4096);
            array.read(0, content);
            assertEquals(-1, content.mismatch(arena.allocate(4096).fill((byte) 7)));
        }
        array.close();
    }

    @Test
    void aStopClearsAllBits() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4 * 4096, 1);
        array.close();
        assertBits(set(), disks);
    }

    /**
     * After a crash the resync does not read a stripe without a bit: parity that the test corrupted there stays wrong.
     */
    @Test
    void onlyDirtyChunksAreResynced() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        List<CrashDisk> crashed = trace.crashNow(new Survival.All(), CrashTrace.notRecording());
        byte[] junk = new byte[4096];
        junk[5] = 1;
        PolicyShape.write(crashed.getFirst(), PolicyShape.DATA_OFFSET_SECTORS, junk, 4096);
        PolicyShape.write(crashed.getFirst(), PolicyShape.DATA_OFFSET_SECTORS + 80, junk, 4096);
        RaidArray again = PolicyShape.open(crashed, new ManualTimer());
        assertTrue(again.startMessages().getFirst().contains("those regions"), again.startMessages()::toString);
        again.close();
        assertEquals(80, SHAPE.wrongParity(crashed));
        assertBits(set(), crashed);
    }

    @ParameterizedTest
    @CsvSource({"24,0", "48,1", "0,0", "8,77"})
    void aBitmapThatIsStaleOrUnreadableOnOneMemberLeadsToAFullResync(int offset, int value) throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        List<CrashDisk> crashed = trace.crashNow(new Survival.All(), CrashTrace.notRecording());
        byte[] page = PolicyShape.read(crashed.get(1), PolicyShape.AREA_SECTOR, 4096);
        page[offset] = (byte) value;
        PolicyShape.write(crashed.get(1), PolicyShape.AREA_SECTOR, page, 4096);
        byte[] junk = new byte[4096];
        junk[5] = 1;
        PolicyShape.write(crashed.getFirst(), PolicyShape.DATA_OFFSET_SECTORS + 80, junk, 4096);
        PolicyShape.open(crashed, new ManualTimer()).close();
        assertEquals(-1, SHAPE.wrongParity(crashed));
        assertBits(set(), crashed);
    }

    @Test
    void noBitIsClearedWhileAMemberIsMissing() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        AssembleOptions run = AssembleOptions.defaults().withRun(true);
        List<CrashDisk> two = new ArrayList<>(disks.subList(0, 2));
        RaidArray array = PolicyShape.open(two, timer, run);
        write(array, 0, 4096, 1);
        timer.pass(60_000);
        assertBits(set(0), two);
        array.close();
        assertBits(set(0), two);
        assertEquals(1, eventsCleared(two.getFirst()), "the absent member may come back");
    }

    @Test
    void clearingABitIsRecordedBeforeItIsDone() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        write(array, 0, 4096, 1);
        timer.pass(11_000);
        assertEquals(events(disks.getFirst()), eventsCleared(disks.getFirst()));
        array.close();
        for (CrashDisk disk : disks) {
            ByteBuffer superblock = ByteBuffer.wrap(PolicyShape.read(PolicyShape.reopen(disk), 8, 512))
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertTrue(events(disk) >= superblock.getLong(0xc8), "md would call it stale");
        }
    }

    private static long events(CrashDisk disk) throws IOException {
        return head(disk).getLong(24);
    }

    private static long eventsCleared(CrashDisk disk) throws IOException {
        return head(disk).getLong(32);
    }

    private static ByteBuffer head(CrashDisk disk) throws IOException {
        return ByteBuffer.wrap(PolicyShape.read(PolicyShape.reopen(disk), PolicyShape.AREA_SECTOR, 256))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The first resync of a dirty array covers all stripes; if it is stopped, the bits of the stripes that it has not
     * reached stay set.
     */
    @Test
    void anArrayThatIsDirtyFromTheStartIsResyncedByItsBits() throws IOException {
        PolicyShape dirty = new PolicyShape(SHAPE.layout(), 3, 16, 8, Features.BITMAP, 0);
        List<CrashDisk> disks = dirty.create(trace);
        byte[] junk = new byte[4096];
        junk[5] = 1;
        PolicyShape.write(disks.getFirst(), PolicyShape.DATA_OFFSET_SECTORS + 120, junk, 4096);
        RaidArray array = PolicyShape.open(disks, timer);
        assertFalse(array.startMessages().isEmpty());
        array.close();
        assertEquals(-1, dirty.wrongParity(disks));
        assertBits(set(), disks);
    }

    /** If the resync can't read a stripe, its bit stays set until a write covers the unreadable blocks. */
    @Test
    void aStripeThatTheResyncCantReadKeepsItsBit() throws IOException {
        for (boolean written : new boolean[] {false, true}) {
            CrashTrace each = CrashTrace.recording();
            RaidArray array = PolicyShape.open(SHAPE.create(each), new ManualTimer());
            write(array, 0, 4096, 1);
            write(array, SHAPE.geometry().rowSectors() * 512, 4096, 2);
            List<CrashDisk> crashed = each.crashNow(new Survival.All(), CrashTrace.notRecording());
            int slot = SHAPE.geometry().dataSlot(0, 0);
            FaultPlan plan = new FaultPlan(1).badSectors(PolicyShape.DATA_OFFSET_SECTORS * 512L, 4096);
            RaidArray again = PolicyShape.open(FaultyDevice.among(crashed, slot, plan), new ManualTimer());
            assertTrue(Rebuilds.attribute(again, "sync_trouble").contains("sector 0:"));
            if (written) {
                write(again, 0, 4096, 3);
            }
            again.close();
            assertBits(written ? set() : set(0), crashed);
            assertEquals(written ? Superblock.IN_SYNC : 0, Superblocks.resyncOffset(crashed));
        }
    }

    @ParameterizedTest
    @CsvSource({"4,5,clustered", "4,3,byte order", "4,9,unknown", "68,2,clustered"})
    void otherKindsOfBitmapAreRefusedByName(int offset, int value, String word) throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        for (CrashDisk disk : disks) {
            byte[] page = PolicyShape.read(disk, PolicyShape.AREA_SECTOR, 4096);
            page[offset] = (byte) value;
            PolicyShape.write(disk, PolicyShape.AREA_SECTOR, page, 4096);
        }
        ArrayRefusedException refused =
                assertThrows(ArrayRefusedException.class, () -> PolicyShape.open(disks, new ManualTimer()));
        assertTrue(String.valueOf(refused.getMessage()).contains(word), refused.getMessage());
        assertEquals(ArrayRefusedException.Reason.UNSUPPORTED, refused.reason());
    }

    @Test
    void theArrayNamesItsPolicy() throws IOException {
        RaidArray array = PolicyShape.open(SHAPE.create(trace), timer);
        assertEquals("bitmap", array.attributes().get("consistency_policy"));
        assertNull(((ArrayEngine) array.writeSide()).passes().resync());
        array.close();
    }
}
