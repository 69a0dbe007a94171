package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every layout, every number of members up to 8, and every set of missing members that parity can replace, including
 * none. Earlier content reads back, and writes of every plan work. At the end each present member has exactly the
 * content that the volume's content requires, so that the missing members can be solved.
 */
@Execution(ExecutionMode.CONCURRENT)
class DegradedArrayTest {
    private static final AssembleOptions WITHOUT_THEM =
            AssembleOptions.defaults().withRun(true).withStripeCacheSize(8);

    private final Random random = new Random(11);

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everySetOfMissingMembers(ParityLayout layout) throws IOException {
        int checked = 0;
        for (int disks = layout.level() == 6 ? 4 : 2; disks <= 8; disks++) {
            for (int missing = 0; missing < 1 << disks; missing++) {
                if (Integer.bitCount(missing) <= layout.parityCount()) {
                    int journalBlocks = (checked & 1) == 0 ? 0 : 40;
                    ArrayShape shape = new ArrayShape(layout, disks, 16, 3, journalBlocks, Superblock.IN_SYNC, false);
                    check(shape, missing);
                    checked++;
                }
            }
        }
        assertTrue(checked >= 39, "only " + checked);
    }

    private void check(ArrayShape shape, int missing) throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        try (RaidArray array = shape.open(disks)) {
            write(array, content, 0, content.length);
        }
        List<CrashDisk> left = reopened(disks, missing);
        try (RaidArray array = ArrayShape.open(left, null, WITHOUT_THEM)) {
            assertReads(array, content, shape, missing);
            writeEveryPlan(shape.geometry(), array, content);
            assertReads(array, content, shape, missing);
        }
        left = reopened(left, 0);
        try (RaidArray array = ArrayShape.open(left, null, WITHOUT_THEM)) {
            assertReads(array, content, shape, missing);
        }
        assertMembersFit(shape, left, missing, content);
    }

    /**
     * Writes another set of data slots in each row, so that each plan has lost slots that are written and lost slots
     * that are not.
     */
    private void writeEveryPlan(ArrayGeometry geometry, RaidArray array, byte[] content) throws IOException {
        int chunk = geometry.chunkBytes();
        int rowBytes = chunk * geometry.dataDisks();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            write(array, content, index * chunk, 4096);
            write(array, content, index * chunk + 5000, 300);
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            write(array, content, rowBytes, (index + 1) * chunk - 4096);
            write(array, content, 2 * rowBytes - (index + 1) * chunk, (index + 1) * chunk);
        }
        write(array, content, 2 * rowBytes - 700, rowBytes / 2);
        array.zero(2L * rowBytes + 512, rowBytes - 1024);
        java.util.Arrays.fill(content, 2 * rowBytes + 512, 3 * rowBytes - 512, (byte) 0);
        write(array, content, 3 * rowBytes - chunk - 1, 4098);
    }

    private void write(RaidArray array, byte[] content, int offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, content, offset, length);
        try (Arena arena = Arena.ofConfined()) {
            array.write(offset, arena.allocate(length).copyFrom(MemorySegment.ofArray(bytes)));
        }
    }

    private static void assertReads(RaidArray array, byte[] content, ArrayShape shape, int missing) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(content.length);
            array.read(0, found);
            assertEquals(-1, found.mismatch(MemorySegment.ofArray(content)), () -> words(shape, missing));
        }
    }

    private static void assertMembersFit(ArrayShape shape, List<CrashDisk> left, int missing, byte[] content)
            throws IOException {
        ArrayGeometry geometry = shape.geometry();
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> wanted = membersOf(shape, content, arena);
            for (int slot = 0, next = 0; slot < geometry.raidDisks(); slot++) {
                if ((missing >> slot & 1) == 0) {
                    MemorySegment member = wanted.get(slot);
                    MemorySegment found = ArrayShape.data(left.get(next++), member.byteSize(), arena);
                    int present = slot;
                    assertEquals(-1, found.mismatch(member), () -> words(shape, missing) + ", member " + present);
                }
            }
        }
    }

    /** The data area of each member of an array with that content. */
    private static List<MemorySegment> membersOf(ArrayShape shape, byte[] content, Arena arena) {
        ArrayGeometry geometry = shape.geometry();
        List<MemorySegment> members = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            members.add(arena.allocate(Sectors.toBytes(geometry.memberSectors())));
        }
        int chunk = geometry.chunkBytes();
        MemorySegment parity = arena.allocate(2L * chunk);
        for (long row = 0; row < geometry.rows(); row++) {
            for (int index = 0; index < geometry.dataDisks(); index++) {
                long from = (row * geometry.dataDisks() + index) * chunk;
                members.get(geometry.dataSlot(row, index))
                        .asSlice(row * chunk, chunk)
                        .copyFrom(MemorySegment.ofArray(content).asSlice(from, chunk));
            }
            List<MemorySegment> made = shape.parityOf(row, members, parity);
            members.get(geometry.parityP(row)).asSlice(row * chunk, chunk).copyFrom(made.getFirst());
            if (geometry.parityQ(row) >= 0) {
                members.get(geometry.parityQ(row)).asSlice(row * chunk, chunk).copyFrom(made.getLast());
            }
        }
        return members;
    }

    private static List<CrashDisk> reopened(List<CrashDisk> disks, int missing) {
        List<CrashDisk> left = new ArrayList<>();
        for (int number = 0; number < disks.size(); number++) {
            if ((missing >> number & 1) == 0) {
                CrashDisk disk = disks.get(number);
                left.add(disk.onTrace(CrashTrace.notRecording()));
            }
        }
        return left;
    }

    private static String words(ArrayShape shape, int missing) {
        return shape + ", missing " + Integer.toBinaryString(missing);
    }
}
