package io.mdfuse.soak;

import io.mdfuse.device.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * One writer. It owns every n-th piece of the volume, shorter than a chunk, so that several writers write to the same
 * rows and stripes; it knows the content of each of its blocks, and checks it from time to time.
 */
final class SoakWriter {
    private static final int BLOCK_BYTES = 4096;
    private static final int PIECE_BLOCKS = 12;

    private final int number;
    private final int writers;
    private final AtomicLong writes;
    private final int[] versions;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect((PIECE_BLOCKS + 1) * BLOCK_BYTES).alignedSlice(BLOCK_BYTES);

    SoakWriter(long volumeBytes, int number, int writers, AtomicLong writes) {
        this.number = number;
        this.writers = writers;
        this.writes = writes;
        this.versions = new int[(int) (volumeBytes / BLOCK_BYTES / PIECE_BLOCKS / writers) * PIECE_BLOCKS];
        buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes until it is asked to stop. */
    void run(BlockDevice device, BooleanSupplier goOn) throws IOException {
        Random random = new Random(number);
        while (goOn.getAsBoolean()) {
            int piece = random.nextInt(versions.length / PIECE_BLOCKS);
            int first = random.nextInt(PIECE_BLOCKS);
            int blocks = random.nextInt(4) > 0 ? 1 : 1 + random.nextInt(PIECE_BLOCKS - first);
            switch (random.nextInt(32)) {
                case 0 -> device.flush();
                case 1, 2, 3 -> verify(device, piece * PIECE_BLOCKS + first, blocks);
                default -> {
                    write(device, piece * PIECE_BLOCKS + first, blocks);
                    writes.incrementAndGet();
                }
            }
        }
        device.flush();
    }

    /** Checks every block. */
    void verifyAll(BlockDevice device) throws IOException {
        for (int block = 0; block < versions.length; block += PIECE_BLOCKS) {
            verify(device, block, PIECE_BLOCKS);
        }
    }

    private long offsetBytes(int block) {
        long piece = block / PIECE_BLOCKS * (long) writers + number;
        return (piece * PIECE_BLOCKS + block % PIECE_BLOCKS) * BLOCK_BYTES;
    }

    private long wordOf(int block) {
        return versions[block] == 0 ? 0 : ((long) number << 56) ^ ((long) block << 32) ^ versions[block];
    }

    private void write(BlockDevice device, int first, int blocks) throws IOException {
        buffer.clear().limit(blocks * BLOCK_BYTES);
        for (int block = first; block < first + blocks; block++) {
            versions[block]++;
            for (int at = 0; at < BLOCK_BYTES; at += Long.BYTES) {
                buffer.putLong(wordOf(block));
            }
        }
        device.write(offsetBytes(first), MemorySegment.ofBuffer(buffer.flip()));
    }

    private void verify(BlockDevice device, int first, int blocks) throws IOException {
        buffer.clear().limit(blocks * BLOCK_BYTES);
        device.read(offsetBytes(first), MemorySegment.ofBuffer(buffer));
        for (int block = first; block < first + blocks; block++) {
            for (int at = 0; at < BLOCK_BYTES; at += Long.BYTES) {
                long found = buffer.getLong();
                if (found != wordOf(block)) {
                    throw new IOException("writer " + number + ": byte " + (offsetBytes(block) + at) + " holds "
                            + Long.toHexString(found) + ", not " + Long.toHexString(wordOf(block)));
                }
            }
        }
    }
}
