package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.device.lock.RankedReadWriteLock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A device whose host may run out of room. A write for which there is none is held in memory, so that a request that
 * wrote a part of a stripe before can finish it, and is brought to the device as soon as there is room again.
 *
 * <pre>
 *              write refused: NoSpaceException
 *   PASSING ─────────────────────────────────────────▶ HOLDING
 *      ▲                                                  │ read: the held bytes lie over the device's
 *      │                                                  │ write: held too if it overlaps or is refused
 *      │                                                  │ flush, reserve: refused as long as anything is held
 *      └──────────────────────────────────────────────────┘
 *        any write, flush or reserve tries the held writes first, in their order; all went well
 * </pre>
 *
 * What is held was not durable on the device either, so a crash loses no more than it would of a drive with a cache: no
 * flush has said that it is there. {@link #reserve} refuses new work meanwhile, so no more is held than what was under
 * way when the host ran out of room; a write beyond {@link #MOST_HELD_BYTES} is refused.
 *
 * <p>The host's lack of room is told in one line when it begins, and its end in another: once what was refused has gone
 * through. A reserve of blocks that have their place says nothing of the host's room. Of writes that overlap only one
 * is under way at a time, which the callers' locks see to. May be used by many threads.
 */
public final class HeldWritesDevice extends ForwardingDevice {
    private static final Logger LOG = LoggerFactory.getLogger(HeldWritesDevice.class);

    /** The most that is held for one device. */
    static final long MOST_HELD_BYTES = 64L << 20;

    private record Held(long offsetBytes, MemorySegment bytes) {
        long endBytes() {
            return offsetBytes + bytes.byteSize();
        }

        boolean overlaps(long otherBytes, long lengthBytes) {
            return offsetBytes < otherBytes + lengthBytes && otherBytes < endBytes();
        }

        boolean liesWithin(long otherBytes, long lengthBytes) {
            return otherBytes <= offsetBytes && endBytes() <= otherBytes + lengthBytes;
        }

        void layOver(long targetBytes, MemorySegment target) {
            long from = Math.max(offsetBytes, targetBytes);
            long length = Math.min(endBytes(), targetBytes + target.byteSize()) - from;
            if (length > 0) {
                MemorySegment.copy(bytes, from - offsetBytes, target, from - targetBytes, length);
            }
        }
    }

    private record Lack(Instant since, long offsetBytes, long lengthBytes) {}

    private final RankedLock lackLock = new RankedLock(LockRank.HOST_SPACE);
    private final RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.HELD_WRITES);
    private final List<Held> held = new ArrayList<>();
    private volatile boolean holding;

    /** What was refused last, and since when the host refuses; null while it has room. */
    private volatile @Nullable Lack lack;

    private volatile RoomListener roomListener = HeldWritesDevice::log;

    /**
     * Hears of a host that has no room, and that it has room again. Called with the device's lock held: it must not
     * wait.
     */
    @FunctionalInterface
    public interface RoomListener {
        /**
         * Takes note of it.
         *
         * @param lacking true if the host has no room, false if it has room again
         * @param text one line that says which write was refused, or that there is room
         */
        void roomChanged(boolean lacking, String text);
    }

    /** Holds what the host of {@code device} has no room for. */
    public HeldWritesDevice(BlockDevice device) {
        super(device);
    }

    /** Has one listener told from now on. */
    public void whenRoomChanges(RoomListener listener) {
        roomListener = listener;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        if (!holding) {
            device.read(offsetBytes, target);
            return;
        }
        lock.readLock().lock();
        try {
            device.read(offsetBytes, target);
            held.forEach(write -> write.layOver(offsetBytes, target));
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Refused only if too much is held already. */
    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        if (!holding) {
            try {
                device.write(offsetBytes, source);
                return;
            } catch (NoSpaceException e) {
                noteLack(e, offsetBytes, source.byteSize());
            }
        }
        lock.writeLock().lock();
        try {
            writeHeld();
            if (!overlapsHeld(offsetBytes, source.byteSize()) && tryWrite(offsetBytes, source)) {
                return;
            }
            hold(offsetBytes, source);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** After this the device holds everything, or it throws: also where only what others wrote is still held. */
    @Override
    public void flush() throws DeviceException {
        NoSpaceException lack = tryHeld();
        device.flush();
        if (lack != null) {
            throw lack;
        }
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        if (holding) {
            // What comes next may rely on what a flush that was refused should have made durable.
            flush();
        }
        try {
            device.reserve(offsetBytes, lengthBytes);
        } catch (NoSpaceException e) {
            noteLack(e, offsetBytes, lengthBytes);
            throw e;
        }
        Lack before = lack;
        if (before != null && hasRoomFor(before)) {
            noteRoom();
        }
    }

    /** Asks for what was refused: the range of this request may have had its place all along. */
    private boolean hasRoomFor(Lack refused) {
        try {
            device.reserve(refused.offsetBytes(), refused.lengthBytes());
            return true;
        } catch (DeviceException e) {
            // The request that asked has its room all the same.
            return false;
        }
    }

    /** Since when the host refuses what needs room; empty while it has room. */
    public Optional<Instant> lacksRoomSince() {
        return Optional.ofNullable(lack).map(Lack::since);
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        if (!holding) {
            return device.trim(offsetBytes, lengthBytes);
        }
        lock.writeLock().lock();
        try {
            NoSpaceException lack = writeHeld();
            if (lack != null && overlapsHeld(offsetBytes, lengthBytes)) {
                throw lack;
            }
            return device.trim(offsetBytes, lengthBytes);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void close() throws DeviceException {
        if (holding) {
            LOG.error("{}: the host never had room for {} bytes, which are lost now", name(), heldBytes());
        }
        device.close();
    }

    /** Null if nothing is held any more; else why not. */
    private @Nullable NoSpaceException tryHeld() throws DeviceException {
        if (!holding) {
            return null;
        }
        lock.writeLock().lock();
        try {
            return writeHeld();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private @Nullable NoSpaceException writeHeld() throws DeviceException {
        while (!held.isEmpty()) {
            Held first = held.getFirst();
            try {
                device.write(first.offsetBytes(), first.bytes());
            } catch (NoSpaceException e) {
                return e;
            }
            held.removeFirst();
        }
        if (holding) {
            holding = false;
            noteRoom();
        }
        return null;
    }

    private boolean tryWrite(long offsetBytes, MemorySegment source) throws DeviceException {
        try {
            device.write(offsetBytes, source);
        } catch (NoSpaceException e) {
            noteLack(e, offsetBytes, source.byteSize());
            return false;
        }
        if (held.isEmpty()) {
            // It was refused a moment ago.
            noteRoom();
        }
        return true;
    }

    private void hold(long offsetBytes, MemorySegment source) throws NoSpaceException {
        held.removeIf(write -> write.liesWithin(offsetBytes, source.byteSize()));
        if (heldBytes() + source.byteSize() > MOST_HELD_BYTES) {
            throw new NoSpaceException(
                    name(), "write", offsetBytes, source.byteSize(), "the host has no room, and too much waits for it");
        }
        byte[] copy = source.toArray(ValueLayout.JAVA_BYTE);
        held.add(new Held(offsetBytes, MemorySegment.ofArray(copy)));
        holding = true;
    }

    private boolean overlapsHeld(long offsetBytes, long lengthBytes) {
        return held.stream().anyMatch(write -> write.overlaps(offsetBytes, lengthBytes));
    }

    private long heldBytes() {
        lock.readLock().lock();
        try {
            return held.stream().mapToLong(write -> write.bytes().byteSize()).sum();
        } finally {
            lock.readLock().unlock();
        }
    }

    private void noteLack(NoSpaceException cause, long offsetBytes, long lengthBytes) {
        try (RankedLock.Held _ = lackLock.acquire()) {
            Lack before = lack;
            lack = new Lack(before == null ? Instant.now() : before.since(), offsetBytes, lengthBytes);
            if (before == null) {
                String text = cause.getMessage() + "; writes that need room are refused until there is some";
                roomListener.roomChanged(true, text);
            }
        }
    }

    private void noteRoom() {
        try (RankedLock.Held _ = lackLock.acquire()) {
            if (lack != null) {
                lack = null;
                String text = name() + ": the host has room again";
                roomListener.roomChanged(false, text);
            }
        }
    }

    private static void log(boolean lacking, String text) {
        LOG.atLevel(lacking ? Level.ERROR : Level.WARN).log("{}", text);
    }
}
