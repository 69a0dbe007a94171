package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A dirty array: a request that a crash interrupted has written one block, but not its parity. */
final class DirtyArray {
    static final int TORN_ROW = 3;
    private static final int BLOCK = 4096;

    final ArrayShape shape;
    final List<CrashDisk> disks;
    final byte[] content;

    private DirtyArray(ArrayShape shape, List<CrashDisk> disks, byte[] content) {
        this.shape = shape;
        this.disks = disks;
        this.content = content;
    }

    static DirtyArray make(ArrayShape shape, int tornIndex) throws IOException {
        return make(shape, tornIndex, shape.create(CrashTrace.notRecording()));
    }

    /** The same with a spare, which is the last device; each member and the spare have a bad-block log if wanted. */
    static DirtyArray makeWithSpare(ArrayShape shape, int tornIndex, boolean badBlockLogs) throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        if (badBlockLogs) {
            ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
        }
        RaidArray array = shape.open(disks);
        CrashDisk spare = Rebuilds.blank(shape, "spare", CrashTrace.notRecording());
        Rebuilds.manager(array).add(spare, false);
        array.close();
        disks.add(spare);
        return make(shape, tornIndex, Rebuilds.reopened(disks));
    }

    private static DirtyArray make(ArrayShape shape, int tornIndex, List<CrashDisk> disks) throws IOException {
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, new Random(4));
        array.close();
        ArrayGeometry geometry = shape.geometry();
        byte[] torn = new byte[BLOCK];
        new Random(5).nextBytes(torn);
        List<CrashDisk> dirty = Rebuilds.reopened(disks);
        // Not written through the array, so no parity was made for it.
        long stripeSector = (long) TORN_ROW * shape.chunkSectors();
        dirty.get(geometry.dataSlot(TORN_ROW, tornIndex))
                .write(Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS + stripeSector), MemorySegment.ofArray(torn));
        int at = (int) Sectors.toBytes(geometry.arraySectorOf(stripeSector, tornIndex));
        System.arraycopy(torn, 0, content, at, BLOCK);
        for (CrashDisk disk : dirty) {
            Superblocks.dirty(disk);
        }
        return new DirtyArray(shape, dirty, content);
    }

    /** Opens the array on copies of its disks, so that it can be opened again. */
    RaidArray open(int dying, FaultPlan plan) throws IOException {
        return shape.open(FaultyDevice.among(Rebuilds.reopened(disks), dying, plan));
    }

    /** The blocks of the volume whose read fails; the content of all others is checked. */
    Set<Integer> unreadable(RaidArray array, String words) {
        Set<Integer> unreadable = new TreeSet<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(BLOCK);
            for (int at = 0; at < content.length; at += BLOCK) {
                MemorySegment right = MemorySegment.ofArray(Arrays.copyOfRange(content, at, at + BLOCK));
                try {
                    array.read(at, found);
                    assertEquals(-1, found.mismatch(right), words + ", byte " + at);
                } catch (IOException e) {
                    unreadable.add(at / BLOCK);
                }
            }
        }
        return unreadable;
    }
}
