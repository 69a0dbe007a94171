package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.HealingDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.CertainSolver.Outcome;
import io.mdfuse.raid.superblock.ChunkState;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Healing images of an array with a lockless bitmap: a hole is filled if the states say that its stripes have parity,
 * and stays a hole if they don't. A state covers two stripes of 4 KiB.
 */
class LocklessHealTest {
    private static final LocklessShape SHAPE = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 64, 16, 512);
    private static final long DATA = Sectors.toBytes(LocklessShape.DATA_OFFSET_SECTORS);

    private final ManualTimer timer = new ManualTimer();
    private final List<CrashDisk> disks = new ArrayList<>();
    private RaidArray array;

    LocklessHealTest() throws IOException {
        List<CrashDisk> made = SHAPE.create(CrashTrace.notRecording());
        array = PolicyShape.open(made, timer);
        LocklessArrayTest.write(array, 0, 3 * 16 * 512, 1);
        timer.pass(20_000);
        disks.addAll(made);
    }

    private void close() throws IOException {
        array.close();
        List<CrashDisk> closed = List.copyOf(Rebuilds.reopened(disks));
        disks.clear();
        disks.addAll(closed);
    }

    private static byte[] bytes(BlockDevice disk, long offset, int length) throws IOException {
        MemorySegment all = MemorySegment.ofArray(new byte[length]);
        disk.read(offset, all);
        return all.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Makes holes in a disk, heals the devices that are here, and returns what became of the holes. */
    private Map<Outcome, Long> heal(int holed, List<ByteRanges> holes, int missing) throws IOException {
        ByteRanges all = holes.stream().reduce(ByteRanges.NONE, ByteRanges::with);
        for (ByteRanges.Range hole : all.list()) {
            byte[] junk = new byte[(int) hole.lengthBytes()];
            Arrays.fill(junk, (byte) 0x5a);
            disks.get(holed).write(hole.startBytes(), MemorySegment.ofArray(junk));
        }
        List<BlockDevice> here = new ArrayList<>(disks);
        here.set(holed, new HealingDevice(disks.get(holed), all, left -> {}));
        if (missing >= 0) {
            here.remove(missing);
        }
        HealableArray healable =
                HealableArray.of(here, AssembleOptions.defaults().withRun(true));
        int index = missing >= 0 && missing < holed ? holed - 1 : holed;
        HoleHealer.Tally tally = new HoleHealer(healable, (done, lost) -> {})
                .fill(
                        holed,
                        here.get(index),
                        DATA,
                        healable.holes(healable.devices().get(index)));
        Map<Outcome, Long> found = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            if (tally.of(outcome) > 0) {
                found.put(outcome, tally.of(outcome));
            }
        }
        return found;
    }

    /** The chunks of a degraded array stay DIRTY, and have valid parity once the array was stopped. */
    @Test
    void aDegradedArrayThatWasStoppedIsHealed() throws IOException {
        LocklessArrayTest.write(array, 0, 4096, 2);
        array.setAttribute("member_command", "fail\ndisk1");
        close();
        assertEquals(1, SHAPE.counts(disks.getFirst()).get(ChunkState.DIRTY));
        byte[] sound = bytes(disks.get(3), DATA, 8192);
        assertEquals(Map.of(Outcome.SOLVED, 8192L), heal(3, List.of(ByteRanges.of(DATA, DATA + 8192)), 1));
        assertArrayEquals(sound, bytes(disks.get(3), DATA, 8192));
    }

    /** A bitmap in a hole counts like that of a missing member. */
    @Test
    void aHoleInOneBitmapKeepsNothingFromBeingHealed() throws IOException {
        close();
        byte[] sound = bytes(disks.get(2), DATA, 8192);
        long bitmap = Sectors.toBytes(LocklessShape.AREA_SECTOR);
        List<ByteRanges> holes = List.of(ByteRanges.of(DATA, DATA + 8192), ByteRanges.of(bitmap, bitmap + 4096));
        assertEquals(Map.of(Outcome.SOLVED, 8192L), heal(2, holes, -1));
        assertArrayEquals(sound, bytes(disks.get(2), DATA, 8192));
    }

    /** The first write makes parity in its own stripe alone; the chunk's other stripe has junk. */
    @Test
    void chunksWithoutParityStayHoles() throws IOException {
        long second = 8192;
        LocklessArrayTest.write(array, 3 * 16 * 512, 4096, 3);
        close();
        assertEquals(1, SHAPE.counts(disks.getFirst()).get(ChunkState.NEED_SYNC));
        long third = DATA + 2 * second;
        assertEquals(
                Map.of(Outcome.IN_DOUBT, 8192L, Outcome.NEVER_WRITTEN, 4096L),
                heal(4, List.of(ByteRanges.of(DATA + second, third + 4096)), -1));
        byte[] junk = new byte[12288];
        Arrays.fill(junk, (byte) 0x5a);
        assertArrayEquals(junk, bytes(disks.get(4), DATA + second, 12288));
    }
}
