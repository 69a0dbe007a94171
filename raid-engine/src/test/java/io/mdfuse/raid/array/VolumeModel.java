package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.fail;

import io.mdfuse.device.CrashTrace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Writes to an array and remembers every version of every piece, with the positions in the trace at which the write of
 * the version started and at which it became durable. After a crash at some position each piece must have the newest
 * version that was durable then, or a later version whose write had started.
 *
 * <p>A piece is a block of 4 KiB, which an array with a journal must never tear, or a sector, which is what a member
 * without a journal guarantees. A trim is not logged, so a trim in progress may leave a block with some of its sectors
 * trimmed.
 */
final class VolumeModel {
    private static final int NEVER = Integer.MAX_VALUE;

    /** One version of one piece. */
    private static final class Version {
        private final byte[] bytes;
        private final int begunAt;
        private final boolean trimmed;
        private int safeAt = NEVER;
        private boolean answered;

        Version(byte[] bytes, int begunAt, boolean trimmed) {
            this.bytes = bytes;
            this.begunAt = begunAt;
            this.trimmed = trimmed;
        }
    }

    private final CrashTrace trace;
    private final int pieceBytes;
    private final boolean safeOnReturn;
    private final Random random;
    private final List<List<Version>> pieces = new ArrayList<>();

    /**
     * Starts with a volume of zeros.
     *
     * @param pieceBytes the size of a piece, which is never torn
     * @param safeOnReturn true if a write is durable when it has returned, false if only after a flush
     */
    VolumeModel(CrashTrace trace, long volumeBytes, int pieceBytes, boolean safeOnReturn, long seed) {
        this.trace = trace;
        this.pieceBytes = pieceBytes;
        this.safeOnReturn = safeOnReturn;
        this.random = new Random(seed);
        for (long at = 0; at < volumeBytes; at += pieceBytes) {
            Version zeros = new Version(new byte[pieceBytes], 0, false);
            zeros.safeAt = 0;
            pieces.add(new ArrayList<>(List.of(zeros)));
        }
    }

    void write(RaidArray array, long offsetBytes, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        random.nextBytes(bytes);
        List<Version> begun = begin(offsetBytes, bytes, false);
        // Memory for all threads, as a mount has it.
        try (Arena arena = Arena.ofShared()) {
            MemorySegment source = arena.allocate(lengthBytes);
            MemorySegment.copy(bytes, 0, source, ValueLayout.JAVA_BYTE, 0, lengthBytes);
            array.write(offsetBytes, source);
        }
        begun.forEach(version -> version.answered = true);
        if (safeOnReturn) {
            begun.forEach(version -> version.safeAt = trace.length());
        }
    }

    void zero(RaidArray array, long offsetBytes, int lengthBytes) throws IOException {
        List<Version> begun = begin(offsetBytes, new byte[lengthBytes], true);
        array.zero(offsetBytes, lengthBytes);
        begun.forEach(version -> version.answered = true);
    }

    void discard(RaidArray array, long offsetBytes, int lengthBytes) throws IOException {
        List<Version> begun = begin(offsetBytes, new byte[lengthBytes], true);
        array.discard(offsetBytes, lengthBytes);
        begun.forEach(version -> version.answered = true);
    }

    void flush(RaidArray array) throws IOException {
        array.flush();
        for (List<Version> versions : pieces) {
            Version newest = newestAnswered(versions);
            newest.safeAt = Math.min(newest.safeAt, trace.length());
        }
    }

    private static Version newestAnswered(List<Version> versions) {
        return versions.reversed().stream()
                .filter(version -> version.answered)
                .findFirst()
                .orElse(versions.getFirst());
    }

    /**
     * Fails if a piece of an array that did not crash has neither the version that was acknowledged last nor a later
     * one.
     */
    void checkAnswered(RaidArray array) throws IOException {
        for (List<Version> versions : pieces) {
            newestAnswered(versions).safeAt = Math.min(newestAnswered(versions).safeAt, trace.length());
        }
        check(array, trace.length());
    }

    private List<Version> begin(long offsetBytes, byte[] bytes, boolean trimmed) {
        List<Version> begun = new ArrayList<>();
        int first = (int) (offsetBytes / pieceBytes);
        int last = (int) ((offsetBytes + bytes.length - 1) / pieceBytes);
        for (int piece = first; piece <= last; piece++) {
            byte[] next = pieces.get(piece).getLast().bytes.clone();
            long from = Math.max(offsetBytes, (long) piece * pieceBytes);
            long end = Math.min(offsetBytes + bytes.length, (long) (piece + 1) * pieceBytes);
            System.arraycopy(bytes, (int) (from - offsetBytes), next, (int) (from % pieceBytes), (int) (end - from));
            Version version = new Version(next, trace.length(), trimmed);
            pieces.get(piece).add(version);
            begun.add(version);
        }
        return begun;
    }

    /** As {@link #check}, but a block of 4 KiB in which something was being written may hold anything. */
    void checkSettled(RaidArray array, int crashedAt) throws IOException {
        byte[] volume = read(array);
        int piecesInBlock = 4096 / pieceBytes;
        for (int piece = 0; piece < pieces.size(); piece++) {
            int block = piece / piecesInBlock * piecesInBlock;
            if (pieces.subList(block, block + piecesInBlock).stream().allMatch(p -> settled(p, crashedAt))) {
                checkPiece(piece, Arrays.copyOfRange(volume, piece * pieceBytes, (piece + 1) * pieceBytes), crashedAt);
            }
        }
    }

    private static boolean settled(List<Version> versions, int crashedAt) {
        Version newest = versions.getFirst();
        for (Version version : versions) {
            newest = version.begunAt <= crashedAt ? version : newest;
        }
        return newest.safeAt <= crashedAt;
    }

    /**
     * The number of pieces with a version older than the one that was acknowledged last; fails if a piece has any other
     * content.
     */
    int countOlder(RaidArray array, String what) throws IOException {
        byte[] volume = read(array);
        int older = 0;
        for (int piece = 0; piece < pieces.size(); piece++) {
            byte[] found = Arrays.copyOfRange(volume, piece * pieceBytes, (piece + 1) * pieceBytes);
            List<Version> versions = pieces.get(piece);
            if (versions.stream().noneMatch(version -> Arrays.equals(version.bytes, found))) {
                fail(what + ": piece " + piece + " holds torn or foreign bytes");
            }
            older += Arrays.equals(newestAnswered(versions).bytes, found) ? 0 : 1;
        }
        return older;
    }

    /**
     * The number of blocks of 4 KiB that can't be read; fails if another block has neither the version that was
     * acknowledged last nor a later one.
     */
    int countLost(RaidArray array) {
        int lost = 0;
        byte[] block = new byte[4096];
        int piecesInBlock = block.length / pieceBytes;
        for (int first = 0; first < pieces.size(); first += piecesInBlock) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment target = arena.allocate(block.length);
                array.read((long) first * pieceBytes, target);
                MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, block, 0, block.length);
            } catch (IOException e) {
                lost++;
                continue;
            }
            for (int i = 0; i < piecesInBlock; i++) {
                List<Version> versions = pieces.get(first + i);
                Version newest = newestAnswered(versions);
                byte[] found = Arrays.copyOfRange(block, i * pieceBytes, (i + 1) * pieceBytes);
                if (!holdsOneOf(versions.subList(versions.indexOf(newest), versions.size()), found)) {
                    fail("piece " + (first + i) + " does not hold what was answered");
                }
            }
        }
        return lost;
    }

    /**
     * The offsets of the blocks of 4 KiB that were written or trimmed durably before a crash, or that have other
     * content than at the start: what every array with the same content has to show of them.
     */
    List<Long> blocksWritten(byte[] volume, int crashedAt) {
        List<Long> written = new ArrayList<>();
        for (int first = 0; first < pieces.size(); first += 4096 / pieceBytes) {
            int from = first * pieceBytes;
            boolean changed = !Arrays.equals(volume, from, from + 4096, new byte[4096], 0, 4096);
            boolean durable = pieces.subList(first, first + 4096 / pieceBytes).stream()
                    .anyMatch(versions -> versions.stream().skip(1).anyMatch(v -> v.safeAt <= crashedAt));
            if (changed || durable) {
                written.add((long) from);
            }
        }
        return written;
    }

    /** All of the volume. */
    static byte[] read(RaidArray array) throws IOException {
        byte[] volume = new byte[(int) array.sizeBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(volume.length);
            array.read(0, target);
            MemorySegment.copy(target, ValueLayout.JAVA_BYTE, 0, volume, 0, volume.length);
        }
        return volume;
    }

    /** Fails if the array has content that a crash at this position of the trace can't leave. */
    void check(RaidArray array, int crashedAt) throws IOException {
        checkBut(Set.of(), array, crashedAt);
    }

    /** As {@link #check}, but for the pieces that begin at these offsets of the volume. */
    void checkBut(Set<Long> offsets, RaidArray array, int crashedAt) throws IOException {
        byte[] volume = read(array);
        for (int piece = 0; piece < pieces.size(); piece++) {
            if (offsets.contains((long) piece * pieceBytes)) {
                continue;
            }
            byte[] found = Arrays.copyOfRange(volume, piece * pieceBytes, (piece + 1) * pieceBytes);
            checkPiece(piece, found, crashedAt);
        }
    }

    private void checkPiece(int piece, byte[] found, int crashedAt) {
        List<Version> versions = pieces.get(piece);
        int newestSafe = 0;
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).safeAt <= crashedAt) {
                newestSafe = i;
            }
        }
        List<Version> allowed = new ArrayList<>();
        for (int i = newestSafe; i < versions.size(); i++) {
            if (i == newestSafe || versions.get(i).begunAt <= crashedAt) {
                allowed.add(versions.get(i));
            }
        }
        if (holdsOneOf(allowed, found)) {
            return;
        }
        int held = -1;
        for (int i = 0; i < versions.size(); i++) {
            held = Arrays.equals(found, versions.get(i).bytes) ? i : held;
        }
        fail("piece " + piece + " holds " + (held < 0 ? "torn or foreign bytes" : "version " + held) + ", wants "
                + newestSafe + " or later of " + versions.size());
    }

    private static boolean holdsOneOf(List<Version> allowed, byte[] found) {
        if (allowed.stream().noneMatch(version -> version.trimmed)) {
            return allowed.stream().anyMatch(version -> Arrays.equals(version.bytes, found));
        }
        for (int at = 0; at < found.length; at += 512) {
            int from = at;
            if (allowed.stream().noneMatch(v -> Arrays.equals(v.bytes, from, from + 512, found, from, from + 512))) {
                return false;
            }
        }
        return true;
    }
}
