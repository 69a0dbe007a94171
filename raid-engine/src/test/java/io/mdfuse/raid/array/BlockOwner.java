package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Random;

/**
 * A thread of a load, its blocks, and their content. The volume is divided into pieces, which belong to the threads in
 * turn.
 */
final class BlockOwner {
    /** On a busy machine the first load of a test run may not have come far when its time is over. */
    private static final int LEAST_REQUESTS = 40;

    private final int threads;
    private final int pieceBlocks;
    private final int number;
    private final long pieces;
    private final Random random;
    private final int[] versions;

    /**
     * @param threads how many threads share the volume
     * @param number of this thread, from 0
     * @param pieceBlocks how many blocks belong to one thread before those of the next begin
     */
    BlockOwner(int threads, int number, int pieceBlocks, long volumeBytes) {
        this.threads = threads;
        this.pieceBlocks = pieceBlocks;
        this.number = number;
        this.random = new Random(number);
        this.pieces = volumeBytes / Sectors.BLOCK_BYTES / pieceBlocks / threads;
        this.versions = new int[(int) pieces * pieceBlocks];
    }

    /** Writes, verifies and flushes for at least that time, and returns how many requests it made. */
    int run(RaidArray array, long millis) throws IOException {
        int writes = 0;
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        // Every other thread has memory for all threads, as a mount has it; the others have memory of their own.
        try (Arena arena = number % 2 == 0 ? Arena.ofConfined() : Arena.ofShared()) {
            MemorySegment buffer = arena.allocate((long) pieceBlocks * Sectors.BLOCK_BYTES, 4096);
            while (System.nanoTime() < end || writes < LEAST_REQUESTS) {
                int piece = random.nextInt((int) pieces);
                int from = random.nextInt(pieceBlocks);
                int count = 1 + random.nextInt(pieceBlocks - from);
                switch (random.nextInt(16)) {
                    case 0 -> array.flush();
                    case 1, 2 -> verify(array, piece, from, count, buffer);
                    case 3 -> writePartOfBlock(array, piece, from, buffer);
                    default -> write(array, piece, from, count, buffer);
                }
                writes++;
            }
        }
        return writes;
    }

    void verifyAll(RaidArray array) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate((long) pieceBlocks * Sectors.BLOCK_BYTES, 4096);
            for (int piece = 0; piece < pieces; piece++) {
                verify(array, piece, 0, pieceBlocks, buffer);
            }
        }
    }

    private long offsetBytes(int piece, int block) {
        return ((long) (piece * threads + number) * pieceBlocks + block) * Sectors.BLOCK_BYTES;
    }

    private long wordOf(int index) {
        return versions[index] == 0 ? 0 : ((long) number << 56) ^ ((long) index << 32) ^ versions[index];
    }

    private void write(RaidArray array, int piece, int from, int count, MemorySegment buffer) throws IOException {
        for (int block = 0; block < count; block++) {
            int index = piece * pieceBlocks + from + block;
            versions[index]++;
            fill(buffer.asSlice((long) block * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES), wordOf(index));
        }
        array.write(offsetBytes(piece, from), buffer.asSlice(0, (long) count * Sectors.BLOCK_BYTES));
    }

    /**
     * Writes a block in two parts, so that the array merges each part into the old block; no other thread writes
     * that block in between.
     */
    private void writePartOfBlock(RaidArray array, int piece, int from, MemorySegment buffer) throws IOException {
        int index = piece * pieceBlocks + from;
        versions[index]++;
        MemorySegment block = buffer.asSlice(0, Sectors.BLOCK_BYTES);
        fill(block, wordOf(index));
        array.write(offsetBytes(piece, from), block.asSlice(0, 1024));
        array.write(offsetBytes(piece, from) + 1024, block.asSlice(1024));
    }

    private static void fill(MemorySegment block, long word) {
        for (long at = 0; at < block.byteSize(); at += Long.BYTES) {
            block.set(ValueLayout.JAVA_LONG, at, word);
        }
    }

    private void verify(RaidArray array, int piece, int from, int count, MemorySegment buffer) throws IOException {
        MemorySegment target = buffer.asSlice(0, (long) count * Sectors.BLOCK_BYTES);
        array.read(offsetBytes(piece, from), target);
        for (int block = 0; block < count; block++) {
            long word = wordOf(piece * pieceBlocks + from + block);
            for (long at = 0; at < Sectors.BLOCK_BYTES; at += Long.BYTES) {
                assertEquals(
                        word,
                        target.get(ValueLayout.JAVA_LONG, (long) block * Sectors.BLOCK_BYTES + at),
                        "thread " + number + " piece " + piece + " block " + (from + block));
            }
        }
    }
}
