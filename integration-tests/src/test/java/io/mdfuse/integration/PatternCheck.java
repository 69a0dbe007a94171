package io.mdfuse.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares a complete volume with what was written to it: each sector must contain the newest write that was flushed,
 * or one that was issued for the sector later, and nothing else. One object checks several crashes in a row: data found
 * after one crash must still be there, or be replaced by newer data, after the next.
 */
final class PatternCheck {
    private static final int BLOCK_BYTES = 4096;
    private static final int READ_BYTES = 1 << 20;

    private final WorkPattern pattern;
    private final long[] settled;

    /** The blocks that some write covered only in part: these may contain parts of several writes. */
    private final boolean[] cutBlocks;

    /** For a volume that was filled with generation 0 of the pattern. */
    PatternCheck(WorkPattern pattern, long volumeBytes) {
        this.pattern = pattern;
        this.settled = new long[Math.toIntExact(volumeBytes / WorkPattern.SECTOR_BYTES)];
        this.cutBlocks = new boolean[Math.toIntExact(volumeBytes / BLOCK_BYTES) + 1];
    }

    /**
     * The result of a check.
     *
     * @param sectors how many sectors were looked at
     * @param foreign sectors that are torn or contain data that was never written to them
     * @param lost sectors that contain data older than what was flushed
     * @param tornBlocks 4 KiB blocks, written only as a whole, that contain parts of two writes
     * @param examples descriptions of the first few
     */
    record Findings(long sectors, long foreign, long lost, long tornBlocks, List<String> examples) {
        boolean sound() {
            return foreign == 0 && lost == 0 && tornBlocks == 0;
        }
    }

    /** Checks a volume, then records its content as durable: later checks must not find older data. */
    Findings check(Path volume, List<WriteLog> logs) throws IOException {
        Map<Long, Set<Long>> unsettled = new HashMap<>();
        apply(logs, unsettled);
        Counter counter = new Counter();
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            for (long sector = 0; sector < settled.length; ) {
                buffer.clear().limit((int) Math.min(READ_BYTES, (settled.length - sector) * WorkPattern.SECTOR_BYTES));
                readFully(channel, buffer, sector * WorkPattern.SECTOR_BYTES);
                int count = buffer.limit() / WorkPattern.SECTOR_BYTES;
                for (int i = 0; i < count; i++) {
                    long found = pattern.generationAt(buffer, i, sector + i);
                    checkSector(sector + i, found, unsettled, counter);
                }
                sector += count;
            }
        }
        checkBlocks(counter);
        return new Findings(settled.length, counter.foreign, counter.lost, counter.torn, counter.examples);
    }

    /** Raises the durable generations by what was flushed; marks the blocks that a write covered only in part. */
    private void apply(List<WriteLog> logs, Map<Long, Set<Long>> unsettled) {
        for (WriteLog log : logs) {
            for (WriteLog.Write write : log.issued()) {
                long end = write.offsetBytes() + write.lengthBytes();
                if (write.offsetBytes() % BLOCK_BYTES != 0) {
                    cutBlocks[(int) (write.offsetBytes() / BLOCK_BYTES)] = true;
                }
                if (end % BLOCK_BYTES != 0) {
                    cutBlocks[(int) (end / BLOCK_BYTES)] = true;
                }
                for (long at = write.offsetBytes(); at < end; at += WorkPattern.SECTOR_BYTES) {
                    long sector = at / WorkPattern.SECTOR_BYTES;
                    if (write.generation() <= log.flushedGeneration()) {
                        settled[(int) sector] = write.generation();
                    } else {
                        unsettled
                                .computeIfAbsent(sector, unused -> new HashSet<>())
                                .add(write.generation());
                    }
                }
            }
        }
    }

    private void checkSector(long sector, long found, Map<Long, Set<Long>> unsettled, Counter counter) {
        int index = (int) sector;
        if (found == WorkPattern.FOREIGN) {
            counter.foreign++;
            counter.example("sector " + sector + " is torn or foreign");
            return;
        }
        Set<Long> later = unsettled.getOrDefault(sector, Set.of());
        if (found != settled[index] && !later.contains(found)) {
            counter.lost++;
            counter.example("sector " + sector + " holds write " + found + ", flushed was " + settled[index]
                    + ", issued later " + later);
        }
        settled[index] = found;
    }

    private void checkBlocks(Counter counter) {
        int perBlock = BLOCK_BYTES / WorkPattern.SECTOR_BYTES;
        for (int block = 0; block < settled.length / perBlock; block++) {
            long[] sectors = Arrays.copyOfRange(settled, block * perBlock, (block + 1) * perBlock);
            if (!cutBlocks[block] && Arrays.stream(sectors).distinct().count() > 1) {
                counter.torn++;
                counter.example("block " + block + " holds parts of several writes: " + Arrays.toString(sectors));
            }
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer, long offsetBytes) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offsetBytes + buffer.position()) < 0) {
                throw new IOException("the volume ends at " + (offsetBytes + buffer.position()));
            }
        }
    }

    private static final class Counter {
        private static final int EXAMPLES = 5;

        private long foreign;
        private long lost;
        private long torn;
        private final List<String> examples = new ArrayList<>();

        private void example(String words) {
            if (examples.size() < EXAMPLES) {
                examples.add(words);
            }
        }
    }
}
