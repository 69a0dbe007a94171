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
 * A device whose host may run out of space. A write that fails for lack of space is held in memory, so that a request
 * that has written a part of a stripe can finish the stripe. Held writes are written to the device as soon as the host
 * has space again.
 *
 * <pre>
 *              write refused: NoSpaceException
 *   PASSING ─────────────────────────────────────────▶ HOLDING
 *      ▲                                                  │ read: held bytes replace those of the device
 *      │                                                  │ write: held too if it overlaps or is refused
 *      │                                                  │ flush, reserve: fail as long as a write is held
 *      └──────────────────────────────────────────────────┘
 *        each write, flush or reserve first retries the held writes, in order; all have succeeded
 * </pre>
 *
 * A crash loses the held writes, as it loses writes in the cache of a drive: no flush has succeeded since, so none of
 * them was reported durable. {@link #reserve} fails meanwhile, so that no new request begins and only the writes of
 * requests already in progress are held. A write is refused if more than {@link #MAX_HELD_BYTES} would be held.
 *
 * <p>The {@link HostSpaceListener} is called once when the host runs out of space and once when it has space again,
 * which is when the refused request has succeeded. (The success of another request does not count: its blocks may have
 * been allocated before.) May be used by several threads; the callers' locks make sure that only one of several
 * overlapping writes is in progress.
 */
public final class HeldWritesDevice extends ForwardingDevice {
    private static final Logger LOG = LoggerFactory.getLogger(HeldWritesDevice.class);

    /** The most bytes that are held for one device: 64 MiB. */
    static final long MAX_HELD_BYTES = 64L << 20;

    private record Held(long offsetBytes, MemorySegment bytes) {
        long endBytes() {
            return offsetBytes + bytes.byteSize();
        }

        boolean overlaps(long otherBytes, long lengthBytes) {
            return offsetBytes < otherBytes + lengthBytes && otherBytes < endBytes();
        }

        boolean isWithin(long otherBytes, long lengthBytes) {
            return otherBytes <= offsetBytes && endBytes() <= otherBytes + lengthBytes;
        }

        /** Copies the bytes that are in the range of {@code target}, which was read from {@code targetBytes} on. */
        void copyInto(long targetBytes, MemorySegment target) {
            long from = Math.max(offsetBytes, targetBytes);
            long length = Math.min(endBytes(), targetBytes + target.byteSize()) - from;
            if (length > 0) {
                MemorySegment.copy(bytes, from - offsetBytes, target, from - targetBytes, length);
            }
        }
    }

    /** The request that was refused last, and since when the host has had no space. */
    private record Refusal(Instant since, long offsetBytes, long lengthBytes) {}

    private final RankedLock refusalLock = new RankedLock(LockRank.HOST_SPACE);
    private final RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.HELD_WRITES);
    private final List<Held> held = new ArrayList<>();
    private volatile boolean holding;

    /** Null while the host has space. */
    private volatile @Nullable Refusal refusal;

    private volatile HostSpaceListener hostSpaceListener = HeldWritesDevice::log;

    /**
     * Is called if the host runs out of space, and if it has space again. The call is made under locks of the device,
     * so it must not wait.
     */
    @FunctionalInterface
    public interface HostSpaceListener {
        /**
         * The host has run out of space, or has space again.
         *
         * @param full true if the host has run out of space, false if it has space again
         * @param text one line that says which request was refused, or that there is space
         */
        void hostSpaceChanged(boolean full, String text);
    }

    /** @param device the device to which writes go; closed with this one */
    public HeldWritesDevice(BlockDevice device) {
        super(device);
    }

    /** Sets the listener, in place of the log line that is written without one. */
    public void onHostSpaceChange(HostSpaceListener listener) {
        hostSpaceListener = listener;
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
            held.forEach(write -> write.copyInto(offsetBytes, target));
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Writes, or holds the write if the host has no space.
     *
     * @throws NoSpaceException if more than {@link #MAX_HELD_BYTES} would be held
     */
    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        if (!holding) {
            try {
                device.write(offsetBytes, source);
                return;
            } catch (NoSpaceException e) {
                noteRefusal(e, offsetBytes, source.byteSize());
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

    /** False too if the host has no space, or had none for an earlier write: {@link #write} holds the write then. */
    @Override
    public boolean tryWritePastCache(long offsetBytes, MemorySegment source) throws DeviceException {
        try {
            return !holding && device.tryWritePastCache(offsetBytes, source);
        } catch (NoSpaceException e) {
            noteRefusal(e, offsetBytes, source.byteSize());
            return false;
        }
    }

    /**
     * Retries the held writes and flushes.
     *
     * @throws NoSpaceException if a write is still held, of this thread or another
     */
    @Override
    public void flush() throws DeviceException {
        NoSpaceException stillRefused = retryHeld();
        device.flush();
        if (stillRefused != null) {
            throw stillRefused;
        }
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        if (holding) {
            // The request that follows may rely on writes that a failed flush should have made durable.
            flush();
        }
        try {
            device.reserve(offsetBytes, lengthBytes);
        } catch (NoSpaceException e) {
            noteRefusal(e, offsetBytes, lengthBytes);
            throw e;
        }
        Refusal last = refusal;
        if (last != null && canReserve(last)) {
            noteSpace();
        }
    }

    /** Tries to reserve the range that was refused. The range of the current request may have been allocated before. */
    private boolean canReserve(Refusal refused) {
        try {
            device.reserve(refused.offsetBytes(), refused.lengthBytes());
            return true;
        } catch (DeviceException e) {
            // The current request has its space nevertheless.
            return false;
        }
    }

    /** Since when the host has had no space; empty while it has space. */
    public Optional<Instant> outOfSpaceSince() {
        return Optional.ofNullable(refusal).map(Refusal::since);
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        return withoutHeldWrites(offsetBytes, lengthBytes, () -> device.trim(offsetBytes, lengthBytes));
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return withoutHeldWrites(offsetBytes, lengthBytes, () -> device.discard(offsetBytes, lengthBytes));
    }

    private interface Trim {
        boolean run() throws DeviceException;
    }

    /** Runs it once no held write can follow it into its range. */
    private boolean withoutHeldWrites(long offsetBytes, long lengthBytes, Trim trim) throws DeviceException {
        if (!holding) {
            return trim.run();
        }
        lock.writeLock().lock();
        try {
            NoSpaceException stillRefused = writeHeld();
            if (stillRefused != null && overlapsHeld(offsetBytes, lengthBytes)) {
                throw stillRefused;
            }
            return trim.run();
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void close() throws DeviceException {
        if (holding) {
            LOG.error("{}: the host had no space for {} bytes of writes, which are lost now", name(), heldBytes());
        }
        device.close();
    }

    /** Retries the held writes; null if none is held any more, else the exception of the first one that is. */
    private @Nullable NoSpaceException retryHeld() throws DeviceException {
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

    /** As {@link #retryHeld}, with the write lock held. */
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
            noteSpace();
        }
        return null;
    }

    private boolean tryWrite(long offsetBytes, MemorySegment source) throws DeviceException {
        try {
            device.write(offsetBytes, source);
        } catch (NoSpaceException e) {
            noteRefusal(e, offsetBytes, source.byteSize());
            return false;
        }
        if (held.isEmpty()) {
            // This write was refused before: the host has space again.
            noteSpace();
        }
        return true;
    }

    private void hold(long offsetBytes, MemorySegment source) throws NoSpaceException {
        held.removeIf(write -> write.isWithin(offsetBytes, source.byteSize()));
        if (heldBytes() + source.byteSize() > MAX_HELD_BYTES) {
            throw new NoSpaceException(
                    name(),
                    "write",
                    offsetBytes,
                    source.byteSize(),
                    "the host has no space, and no more writes can be held in memory");
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

    private void noteRefusal(NoSpaceException cause, long offsetBytes, long lengthBytes) {
        try (RankedLock.Held _ = refusalLock.acquire()) {
            Refusal before = refusal;
            refusal = new Refusal(before == null ? Instant.now() : before.since(), offsetBytes, lengthBytes);
            if (before == null) {
                String text = cause.getMessage() + "; writes that need space are refused until there is some";
                hostSpaceListener.hostSpaceChanged(true, text);
            }
        }
    }

    private void noteSpace() {
        try (RankedLock.Held _ = refusalLock.acquire()) {
            if (refusal != null) {
                refusal = null;
                String text = name() + ": the host has space again";
                hostSpaceListener.hostSpaceChanged(false, text);
            }
        }
    }

    private static void log(boolean full, String text) {
        LOG.atLevel(full ? Level.ERROR : Level.WARN).log("{}", text);
    }
}
