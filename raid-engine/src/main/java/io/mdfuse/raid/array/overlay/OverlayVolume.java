package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedReadWriteLock;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.statistics.ArrayStatistics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A volume whose writes go to a {@link Scratch}: the volume below is read and never written, so that a file system can
 * replay its own log without any change to the array's devices. The overlay is above the array, so parity is not
 * touched and a degraded array can have one too.
 *
 * <p>Each block is in one of three states. A block never becomes BELOW again.
 *
 * <pre>
 *   BELOW ── write ──▶ STORED ◀── write ── ZERO       BELOW   read from the array
 *     │                  │                  ▲         STORED  read from the scratch
 *     └────── zero ──────┴────── zero ──────┘         ZERO    zeros, which take no space
 * </pre>
 *
 * <p>The volume below can't change while it is open. So a read first reads the volume below without a lock, and then
 * the scratch under the shared lock. A write changes blocks under the exclusive lock; if it writes part of a block, it
 * reads that block from below before it takes the lock. A block that is not BELOW is not read from below, so a write to
 * a block that the array can't read makes the block readable in the overlay.
 *
 * <p>A flush does nothing, because the scratch does not survive the mount. If the scratch is full, a write ends with
 * {@link OverlayFullException}; the blocks before that one are written, as on a device that fails in the middle.
 */
public final class OverlayVolume implements Volume, AutoCloseable {
    private final Volume below;
    private final Scratch scratch;
    private final RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.OVERLAY);
    /** Blocks that are STORED or ZERO. */
    private final BlockSet changed = new BlockSet();

    private OverlayVolume(Volume below, Scratch scratch) {
        this.below = below;
        this.scratch = scratch;
    }

    /** An overlay over a volume, with a scratch in memory of at most {@code limitBytes}. */
    public static OverlayVolume inMemory(Volume below, long limitBytes) {
        return new OverlayVolume(below, new MemoryScratch(limitBytes));
    }

    /**
     * An overlay over a volume, with a scratch in a new file.
     *
     * @throws IOException if the file exists or can't be made; the message is one line that says which
     */
    public static OverlayVolume inFile(Volume below, Path file) throws IOException {
        return new OverlayVolume(below, FileScratch.create(file, below.sizeBytes()));
    }

    @Override
    public String name() {
        return below.name();
    }

    @Override
    public long sizeBytes() {
        return below.sizeBytes();
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    /** The size of all blocks in the scratch, in bytes. */
    public long usedBytes() {
        lock.readLock().lock();
        try {
            return scratch.usedBytes();
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes());
        if (target.byteSize() == 0) {
            return;
        }
        readFromBelow(offsetBytes, target);
        lock.readLock().lock();
        try {
            for (BlockPiece piece : BlockPiece.of(offsetBytes, target.byteSize())) {
                if (changed.get(piece.block())) {
                    readChanged(piece, piece.of(target));
                }
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private void readChanged(BlockPiece piece, MemorySegment target) throws IOException {
        if (scratch.contains(piece.block())) {
            scratch.read(piece.block(), piece.offsetInBlock(), target);
        } else {
            target.fill((byte) 0);
        }
    }

    /** Reads each run of consecutive blocks that are BELOW at present; the rest of the target is not changed. */
    private void readFromBelow(long offsetBytes, MemorySegment target) throws IOException {
        long runFrom = -1;
        for (BlockPiece piece : BlockPiece.of(offsetBytes, target.byteSize())) {
            if (isChanged(piece.block())) {
                readRun(offsetBytes, target, runFrom, piece.offsetInRequest());
                runFrom = -1;
            } else if (runFrom < 0) {
                runFrom = piece.offsetInRequest();
            }
        }
        readRun(offsetBytes, target, runFrom, target.byteSize());
    }

    private void readRun(long offsetBytes, MemorySegment target, long from, long to) throws IOException {
        if (from >= 0) {
            below.read(offsetBytes + from, target.asSlice(from, to - from));
        }
    }

    private boolean isChanged(long block) {
        lock.readLock().lock();
        try {
            return changed.get(block);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        try (Arena arena = Arena.ofConfined()) {
            Map<Long, MemorySegment> partlyCovered = partlyCovered(offsetBytes, source.byteSize(), arena);
            lock.writeLock().lock();
            try {
                for (BlockPiece piece : BlockPiece.of(offsetBytes, source.byteSize())) {
                    write(piece, piece.of(source), partlyCovered.get(piece.block()));
                }
            } finally {
                lock.writeLock().unlock();
            }
        }
    }

    /** The content from below of the blocks that the request covers in part: at most two. */
    private Map<Long, MemorySegment> partlyCovered(long offsetBytes, long lengthBytes, Arena arena) throws IOException {
        Map<Long, MemorySegment> partlyCovered = new HashMap<>();
        for (BlockPiece piece : BlockPiece.of(offsetBytes, lengthBytes)) {
            if (!piece.isWhole() && !isChanged(piece.block())) {
                MemorySegment content = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
                long fromBytes = piece.block() * Sectors.BLOCK_BYTES;
                long presentBytes = Math.min(Sectors.BLOCK_BYTES, sizeBytes() - fromBytes);
                below.read(fromBytes, content.asSlice(0, presentBytes));
                partlyCovered.put(piece.block(), content);
            }
        }
        return partlyCovered;
    }

    private void write(BlockPiece piece, MemorySegment source, @Nullable MemorySegment fromBelow) throws IOException {
        if (piece.isWhole() || scratch.contains(piece.block())) {
            scratch.write(piece.block(), piece.offsetInBlock(), source);
        } else {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment whole = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
                if (!changed.get(piece.block())) {
                    whole.copyFrom(Objects.requireNonNull(fromBelow));
                }
                whole.asSlice(piece.offsetInBlock(), source.byteSize()).copyFrom(source);
                scratch.write(piece.block(), 0, whole);
            }
        }
        changed.set(piece.block());
    }

    @Override
    public void flush() {}

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        long endBytes = offsetBytes + lengthBytes;
        long first = Math.ceilDiv(offsetBytes, Sectors.BLOCK_BYTES);
        long last =
                endBytes == sizeBytes() ? Math.ceilDiv(endBytes, Sectors.BLOCK_BYTES) : endBytes / Sectors.BLOCK_BYTES;
        if (first >= last) {
            writeZeros(offsetBytes, lengthBytes);
            return;
        }
        writeZeros(offsetBytes, first * Sectors.BLOCK_BYTES - offsetBytes);
        zeroBlocks(first, last);
        writeZeros(last * Sectors.BLOCK_BYTES, endBytes - last * Sectors.BLOCK_BYTES);
    }

    private void zeroBlocks(long first, long last) {
        lock.writeLock().lock();
        try {
            scratch.drop(first, last);
            changed.set(first, last);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void writeZeros(long offsetBytes, long lengthBytes) throws IOException {
        if (lengthBytes > 0) {
            try (Arena arena = Arena.ofConfined()) {
                write(offsetBytes, arena.allocate(lengthBytes));
            }
        }
    }

    /** Sets an attribute of the array below, which refuses changes that a read-only array does not support. */
    @Override
    public void setAttribute(String name, String value) throws IOException {
        below.setAttribute(name, value);
    }

    @Override
    public String trouble() {
        return below.trouble();
    }

    /** The statistics of the array below: what the overlay itself serves is not counted. */
    @Override
    public Optional<ArrayStatistics> statistics() {
        return below.statistics();
    }

    /** The attributes of the array, and {@code overlay}: where writes go, the bytes used and the limit. */
    @Override
    public Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>(below.attributes());
        attributes.put("overlay", scratch.location());
        attributes.put("overlay_bytes", Long.toString(usedBytes()));
        attributes.put("overlay_limit_bytes", Long.toString(scratch.limitBytes()));
        return attributes;
    }

    /** Discards everything that was written. The volume below stays open. */
    @Override
    public void close() throws IOException {
        scratch.close();
    }
}
