package io.mdfuse.fuse;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open handles of the file: which of them truncated, and so has a {@link LogicalEnd}. Thread-safe; a request takes
 * no lock while there is no truncated handle.
 *
 * <p>open(2) with O_TRUNC comes from the kernel as an open without that flag and then, by the same thread and within
 * the same system call, as a truncation that names no handle (seen with Linux 6.18; {@code fuse_do_setattr} of every
 * kernel since 3.0). It belongs to the handle that this thread opened last, if no request has come through that handle
 * yet. (libfuse's {@code atomic_o_trunc} would name the handle, but with it the kernel takes the file's size for 0 and
 * drops what other users have in its page cache.) Any other truncation without a handle, as truncate(2) by path makes,
 * belongs to no handle.
 */
final class OpenFiles {
    /** The handle of a request that comes through no handle, such as a page of a shared mapping. */
    static final long NO_HANDLE = 0;

    /** The kernel's thread number if the process is in another PID namespace; several threads may have this number. */
    private static final long UNKNOWN_THREAD = 0;

    private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

    private final long sizeBytes;
    private final AtomicLong lastHandle = new AtomicLong(NO_HANDLE);
    private final AtomicLong open = new AtomicLong();

    /** The thread that opened each handle that was opened for writing and has had no request yet. */
    private final Map<Long, Long> openerByFreshHandle = new ConcurrentHashMap<>();

    /** The handles whose requests go past the kernel's page cache. */
    private final Set<Long> direct = ConcurrentHashMap.newKeySet();

    /** The handles that have a logical end now. */
    private final Map<Long, LogicalEnd> endByHandle = new ConcurrentHashMap<>();

    /** Held while a handle gets or loses its logical end, so that no truncation is lost. */
    private final RankedLock truncating = new RankedLock(LockRank.OPEN_FILES);

    OpenFiles(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /**
     * A new handle.
     *
     * @param thread the kernel's number of the thread that opens
     */
    long open(boolean forWriting, long thread) {
        open.incrementAndGet();
        long handle = lastHandle.incrementAndGet();
        if (forWriting && thread != UNKNOWN_THREAD) {
            openerByFreshHandle.put(handle, thread);
        }
        return handle;
    }

    /** Call for an open handle whose requests go past the kernel's page cache. */
    void openedDirect(long handle) {
        direct.add(handle);
    }

    /** True for such a handle, if another one is open through which the kernel may have cached pages. */
    boolean isDirectBesideOthers(long handle) {
        return direct.contains(handle) && open.get() > direct.size();
    }

    /** True if the file is open; an open file is released only after its last request. */
    boolean anyOpen() {
        return open.get() > 0;
    }

    /** Call before each read and write: the truncation that belongs to an open(2) precedes them. */
    void used(long handle) {
        if (!openerByFreshHandle.isEmpty()) {
            openerByFreshHandle.remove(handle);
        }
    }

    void release(long handle) {
        direct.remove(handle);
        open.decrementAndGet();
        openerByFreshHandle.remove(handle);
        LogicalEnd end = endByHandle.remove(handle);
        long behindBytes = end == null ? -1 : end.endAfterGaps();
        if (behindBytes >= 0) {
            // A program that reads the file's size at its end, as dd conv=sparse does, leaves no other trace.
            LOG.info(
                    "a program truncated the file, left gaps out, and closed it without saying how"
                            + " long it is: the gaps are"
                            + " zeroed, and the {} bytes behind offset {} keep their old content",
                    sizeBytes - behindBytes,
                    behindBytes);
        }
    }

    /** The handle that a truncation by {@code thread} without a handle belongs to, or {@link #NO_HANDLE}. */
    long handleOfTruncatingOpen(long thread) {
        long latest = NO_HANDLE;
        for (Map.Entry<Long, Long> fresh : openerByFreshHandle.entrySet()) {
            if (fresh.getValue() == thread) {
                latest = Math.max(latest, fresh.getKey());
            }
        }
        return latest;
    }

    /** Truncates for one handle; does nothing for {@link #NO_HANDLE}. */
    void truncate(long handle, long newEndBytes, KeptRanges.GapAction zeroing) throws IOException {
        if (handle == NO_HANDLE) {
            return;
        }
        truncating.lock();
        try {
            LogicalEnd end = endByHandle.computeIfAbsent(handle, _ -> new LogicalEnd(sizeBytes));
            if (!end.truncate(newEndBytes, zeroing)) {
                endByHandle.remove(handle);
            }
        } finally {
            truncating.unlock();
        }
    }

    /** Call before a handle writes the range; see {@link LogicalEnd}. */
    void beforeWrite(long handle, long fromBytes, long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        if (endByHandle.isEmpty()) {
            return;
        }
        for (Map.Entry<Long, LogicalEnd> truncated : endByHandle.entrySet()) {
            if (truncated.getKey() != handle) {
                truncated.getValue().beforeWriteOfOtherHandle(fromBytes, toBytes);
            }
        }
        LogicalEnd own = endByHandle.get(handle);
        if (own != null) {
            own.beforeWrite(fromBytes, toBytes, zeroing);
        }
    }

    /**
     * Call for a request that makes the file longer without a write, such as an allocation: zeroes up to {@code
     * toBytes}.
     */
    void extend(long handle, long toBytes, KeptRanges.GapAction zeroing) throws IOException {
        LogicalEnd own = endByHandle.get(handle);
        if (own != null) {
            own.extend(toBytes, zeroing);
        }
    }
}
