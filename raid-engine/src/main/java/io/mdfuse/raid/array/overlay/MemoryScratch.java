package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/** A scratch in memory outside Java's heap. It grows by {@link #SLAB_BYTES} and frees all of its memory on close. */
final class MemoryScratch implements Scratch {
    private static final int SLAB_BYTES = 1 << 20;

    private final long limitBytes;
    private final Arena arena = Arena.ofShared();
    private final Map<Long, MemorySegment> blocks = new HashMap<>();
    private final Deque<MemorySegment> free = new ArrayDeque<>();

    MemoryScratch(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public long usedBytes() {
        return (long) blocks.size() * Sectors.BLOCK_BYTES;
    }

    @Override
    public long limitBytes() {
        return limitBytes;
    }

    @Override
    public boolean contains(long block) {
        return blocks.containsKey(block);
    }

    @Override
    public void read(long block, long offsetInBlock, MemorySegment target) {
        target.copyFrom(storedBlock(block).asSlice(offsetInBlock, target.byteSize()));
    }

    @Override
    public void write(long block, long offsetInBlock, MemorySegment source) throws OverlayFullException {
        MemorySegment room = blocks.get(block);
        if (room == null) {
            room = newRoom();
            blocks.put(block, room);
        }
        room.asSlice(offsetInBlock, source.byteSize()).copyFrom(source);
    }

    @Override
    public void drop(long from, long to) {
        if (to - from < blocks.size()) {
            for (long block = from; block < to; block++) {
                dropOne(block);
            }
            return;
        }
        Iterator<Map.Entry<Long, MemorySegment>> stored = blocks.entrySet().iterator();
        while (stored.hasNext()) {
            Map.Entry<Long, MemorySegment> entry = stored.next();
            if (entry.getKey() >= from && entry.getKey() < to) {
                free.push(entry.getValue());
                stored.remove();
            }
        }
    }

    private void dropOne(long block) {
        MemorySegment room = blocks.remove(block);
        if (room != null) {
            free.push(room);
        }
    }

    private MemorySegment storedBlock(long block) {
        MemorySegment room = blocks.get(block);
        if (room == null) {
            throw new IllegalArgumentException("block " + block + " is not stored");
        }
        return room;
    }

    private MemorySegment newRoom() throws OverlayFullException {
        if (usedBytes() + Sectors.BLOCK_BYTES > limitBytes) {
            throw new OverlayFullException(
                    "the overlay is full: it may contain at most " + limitBytes + " bytes", null);
        }
        if (free.isEmpty()) {
            MemorySegment slab = slab();
            for (long at = 0; at < SLAB_BYTES; at += Sectors.BLOCK_BYTES) {
                free.add(slab.asSlice(at, Sectors.BLOCK_BYTES));
            }
        }
        return free.pop();
    }

    private MemorySegment slab() throws OverlayFullException {
        try {
            return arena.allocate(SLAB_BYTES, Sectors.BLOCK_BYTES);
        } catch (OutOfMemoryError e) {
            throw new OverlayFullException("there is no memory left for the overlay", e);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
