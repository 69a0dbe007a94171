package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What the tests of rebuilds have in common. */
final class Rebuilds {
    private static final long LONGEST_MILLIS = 20_000;

    private Rebuilds() {}

    static MemberManager manager(RaidArray array) {
        return ((WriteEngine) array.writeSide()).memberManager();
    }

    static String attribute(RaidArray array, String name) {
        return array.attributes().getOrDefault(name, "");
    }

    /** A blank disk as large as the shape's members. */
    static CrashDisk blank(ArrayShape shape, String name, CrashTrace trace) {
        return new CrashDisk(name, Sectors.toBytes(24 + shape.geometry().memberSectors()), trace);
    }

    /** Waits until every slot has a member in sync and no pass runs; another thread may start the rebuild. */
    static void awaitWhole(RaidArray array) throws IOException {
        long deadline = System.currentTimeMillis() + LONGEST_MILLIS;
        while (System.currentTimeMillis() < deadline) {
            boolean whole = "0".equals(array.attributes().get("degraded"));
            if (whole && "idle".equals(array.attributes().get("sync_action"))) {
                return;
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        throw new AssertionError("not whole: " + array.attributes());
    }

    /** Waits until no pass runs any more, whether the array is complete or no spare can be used. */
    static void awaitSettled(RaidArray array) throws IOException {
        try {
            for (int quiet = 0; quiet < 3; quiet++) {
                Thread.sleep(2);
                if (!"idle".equals(array.attributes().get("sync_action"))) {
                    quiet = -1;
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    static void write(RaidArray array, byte[] content, int offset, int length, Random random) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, content, offset, length);
        try (Arena arena = Arena.ofConfined()) {
            array.write(offset, arena.allocate(length).copyFrom(MemorySegment.ofArray(bytes)));
        }
    }

    static void rewrite(RaidArray array, byte[] content) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            array.write(0, arena.allocate(content.length).copyFrom(MemorySegment.ofArray(content)));
        }
    }

    /** Writes of every kind: complete rows, chunks, blocks, bytes, zeros. */
    static void writeSome(ArrayShape shape, RaidArray array, byte[] content, Random random) throws IOException {
        int row = (int) Sectors.toBytes(shape.geometry().rowSectors());
        int rows = content.length / row;
        for (int i = 0; i < rows; i++) {
            writeInRow(shape, array, content, i, random);
        }
        write(array, content, random.nextInt(content.length - 9000), 9000, random);
    }

    static void writeInRow(ArrayShape shape, RaidArray array, byte[] content, int row, Random random)
            throws IOException {
        int rowBytes = (int) Sectors.toBytes(shape.geometry().rowSectors());
        int from = row * rowBytes;
        switch (random.nextInt(5)) {
            case 0 -> write(array, content, from, rowBytes, random);
            case 1 -> write(array, content, from + random.nextInt(rowBytes / 4096) * 4096, 4096, random);
            case 2 -> write(array, content, from + random.nextInt(rowBytes - 700), 700, random);
            case 3 -> {
                int at = from + random.nextInt(rowBytes - 512);
                int length = 1 + random.nextInt(from + rowBytes - at);
                array.zero(at, length);
                java.util.Arrays.fill(content, at, at + length, (byte) 0);
            }
            default -> {
                int chunk = shape.geometry().chunkBytes();
                write(array, content, from + random.nextInt(rowBytes / chunk) * chunk, chunk, random);
            }
        }
    }

    static void assertReads(RaidArray array, byte[] content, String words) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(content.length);
            array.read(0, found);
            assertEquals(-1, found.mismatch(MemorySegment.ofArray(content)), words);
        }
    }

    /** Opens an array from these devices. */
    interface Opening {
        RaidArray open(List<CrashDisk> devices) throws IOException;
    }

    /** Opens an array like a user who leaves out the devices that are refused as stale. */
    static RaidArray openWithoutStale(List<CrashDisk> found, Opening opening) throws IOException {
        List<CrashDisk> usable = new ArrayList<>(found);
        while (true) {
            try {
                return opening.open(usable);
            } catch (ArrayRefusedException e) {
                boolean leftOut = e.reason() == ArrayRefusedException.Reason.STALE
                        && usable.removeIf(
                                disk -> String.valueOf(e.getMessage()).startsWith(disk.name() + ":"));
                if (!leftOut) {
                    throw e;
                }
            }
        }
    }

    static List<CrashDisk> reopened(List<CrashDisk> disks) {
        return CrashDisk.onTrace(disks, CrashTrace.notRecording());
    }
}
