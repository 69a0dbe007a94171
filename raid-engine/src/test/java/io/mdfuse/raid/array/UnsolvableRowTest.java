package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A chunk row of which more members list the same blocks than parity can replace: a read of a lost block fails, and a
 * request that covers all blocks that can't be solved makes the row readable again.
 */
class UnsolvableRowTest {
    private static final long ROW = 1;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.RAID4, 4, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 64, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 96, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 96, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 6, 16, 4, 128, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aWriteThatCoversAllLostBlocksIsAcceptedAndClearsTheEntries(ArrayShape shape) throws IOException {
        for (boolean wholeRow : List.of(true, false)) {
            Random random = new Random(9);
            ArrayGeometry geometry = shape.geometry();
            int lostChunks = shape.layout().parityCount() + 1;
            List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
            ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
            byte[] content = new byte[(int) geometry.arrayBytes()];
            RaidArray array = shape.open(disks);
            Rebuilds.write(array, content, 0, content.length, random);
            array.close();
            disks = Rebuilds.reopened(disks);
            long firstStripe = ROW * shape.chunkSectors();
            for (int index = 0; index < lostChunks; index++) {
                ListedBlocks.list(disks.get(geometry.dataSlot(ROW, index)), firstStripe, firstStripe + 8);
            }
            array = shape.open(disks);
            int rowStart = (int) Sectors.toBytes(ROW * geometry.rowSectors());
            int chunkBytes = geometry.chunkBytes();
            int covered = wholeRow ? (int) Sectors.toBytes(geometry.rowSectors()) : lostChunks * chunkBytes;
            Rebuilds.write(array, content, rowStart, covered, random);
            Rebuilds.assertReads(array, content, "served");
            array.close();
            disks = Rebuilds.reopened(disks);
            assertEquals(-1, shape.wrongParity(disks));
            assertEquals(0, listed(disks.subList(0, shape.disks())), "sectors are still listed");
            RaidArray again = shape.open(disks);
            Rebuilds.assertReads(again, content, "mounted again");
            again.close();
        }
    }

    /** A row may be larger than any request: its chunks become readable one by one. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aRowBecomesReadableChunkByChunk(ArrayShape shape) throws IOException {
        ArrayGeometry geometry = shape.geometry();
        int lostChunks = shape.layout().parityCount() + 1;
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
        long firstStripe = ROW * shape.chunkSectors();
        for (int index = 0; index < lostChunks; index++) {
            ListedBlocks.list(disks.get(geometry.dataSlot(ROW, index)), firstStripe, firstStripe + 8);
        }
        trace.restart();
        Random random = new Random(4);
        byte[] before = new byte[(int) geometry.arrayBytes()];
        RaidArray array = shape.open(disks);
        int rowStart = (int) Sectors.toBytes(ROW * geometry.rowSectors());
        for (int index = lostChunks - 1; index >= 0; index--) {
            byte[] after = before.clone();
            int from = rowStart + index * geometry.chunkBytes();
            int begun = trace.length();
            Rebuilds.write(array, after, from, geometry.chunkBytes(), random);
            array.flush();
            assertEquals(2L * index, lostBlocks(array, after, after, from), "blocks that are lost still");
            RaidArray flushed = shape.open(trace.materialise(trace.length(), new Survival.Seeded(index)));
            assertEquals(2L * index, lostBlocks(flushed, after, after, from), "blocks that are lost after a crash");
            flushed.close();
            for (int crash = 0; crash < 25; crash++) {
                int prefix = begun + random.nextInt(trace.length() + 1 - begun);
                RaidArray found = shape.open(trace.materialise(prefix, new Survival.Seeded(random.nextLong())));
                long lost = lostBlocks(found, before, after, from);
                assertTrue(lost >= 2L * index && lost <= 2L * index + 2, lost + " blocks are lost at " + index);
                found.close();
            }
            before = after;
        }
        array.close();
        assertEquals(-1, shape.wrongParity(Rebuilds.reopened(disks)));
        assertEquals(0, listed(Rebuilds.reopened(disks).subList(0, shape.disks())), "sectors are still listed");
    }

    /** A replay must not write older blocks of the log over blocks that were written past the log. */
    @ParameterizedTest
    @MethodSource("shapes")
    void olderLoggedBlocksAreNotReplayedOverIt(ArrayShape shape) throws IOException {
        ArrayGeometry geometry = shape.geometry();
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
        trace.restart();
        Random random = new Random(5);
        byte[] content = new byte[(int) geometry.arrayBytes()];
        RaidArray array = shape.open(disks);
        int rowBytes = (int) Sectors.toBytes(geometry.rowSectors());
        int rowStart = (int) ROW * rowBytes;
        Rebuilds.write(array, content, rowStart, rowBytes, random);
        array.flush();
        if (shape.writeBack()) {
            // Cached blocks are written out before so many blocks are lost that their parity can't be computed. The log
            // still contains the cached blocks.
            array.setAttribute("journal_mode", "write-through");
        }
        MemberSet members = Rebuilds.manager(array).members();
        for (int index = 0; index <= shape.layout().parityCount(); index++) {
            Member member = members.member(geometry.dataSlot(ROW, index));
            assertNotNull(member);
            assertTrue(member.noteBad(ROW * geometry.chunkBytes(), geometry.chunkBytes()));
        }
        members.recordBadBlocks();
        Rebuilds.write(array, content, rowStart, geometry.chunkBytes(), random);
        array.flush();
        for (int seed = 0; seed < 10; seed++) {
            RaidArray found = shape.open(trace.materialise(trace.length(), new Survival.Seeded(seed)));
            assertEquals(2L * shape.layout().parityCount(), lostBlocks(found, content, content, rowStart));
            found.close();
        }
        array.close();
    }

    /**
     * A write to a slot without a member is stored in parity only: if parity can't be computed, the write is refused.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void aWriteThatOnlyParityCouldKeepIsRefused(ArrayShape shape) throws IOException {
        ArrayGeometry geometry = shape.geometry();
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
        long firstStripe = ROW * shape.chunkSectors();
        for (int index = 1; index <= shape.layout().parityCount(); index++) {
            ListedBlocks.list(disks.get(geometry.dataSlot(ROW, index)), firstStripe, firstStripe + 8);
        }
        List<CrashDisk> present = new ArrayList<>(disks);
        present.remove(geometry.dataSlot(ROW, 0));
        RaidArray array = shape.open(present, true);
        int rowStart = (int) Sectors.toBytes(ROW * geometry.rowSectors());
        byte[] content = new byte[(int) geometry.arrayBytes()];
        Random random = new Random(6);
        assertThrows(IOException.class, () -> Rebuilds.write(array, content, rowStart, geometry.chunkBytes(), random));
        array.close();
    }

    /** The number of blocks that can't be read; all others must have one of two contents, which differ in one chunk. */
    private static long lostBlocks(RaidArray array, byte[] before, byte[] after, int chunkStart) throws IOException {
        long lost = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096);
            for (int at = 0; at < before.length; at += 4096) {
                try {
                    array.read(at, block);
                } catch (IOException e) {
                    lost++;
                    continue;
                }
                for (int sector = 0; sector < 4096; sector += 512) {
                    MemorySegment found = block.asSlice(sector, 512);
                    boolean old = found.mismatch(MemorySegment.ofArray(before).asSlice(at + sector, 512)) < 0;
                    boolean young = found.mismatch(MemorySegment.ofArray(after).asSlice(at + sector, 512)) < 0;
                    assertTrue(old || young, "foreign bytes at " + (at + sector) + ", the chunk is at " + chunkStart);
                }
            }
        }
        return lost;
    }

    private static long listed(List<CrashDisk> members) throws IOException {
        long sectors = 0;
        for (CrashDisk member : members) {
            sectors += ListedBlocks.on(member).stream()
                    .mapToLong(BadRange::sectors)
                    .sum();
        }
        return sectors;
    }
}
