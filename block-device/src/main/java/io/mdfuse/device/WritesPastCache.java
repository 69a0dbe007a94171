package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes of one file past the host's page cache, through a second descriptor with O_DIRECT. The first descriptor stays
 * as it is: reads, writes of other sizes and flushes use the page cache. The kernel keeps both in agreement: before a
 * direct write it writes the dirty pages of the range, and after it drops them.
 *
 * <p>A file system may accept O_DIRECT at the open and refuse the write, for lack of alignment or of any direct I/O. So
 * the first refused write ends direct writes for good, and the caller writes the same bytes through the page cache. May
 * be used by several threads.
 */
final class WritesPastCache {
    private static final Logger LOG = LoggerFactory.getLogger(WritesPastCache.class);

    private final String name;
    private final Descriptor buffered;
    private final AtomicReference<@Nullable Descriptor> direct = new AtomicReference<>();

    /** Set for good if the file can't be opened with O_DIRECT, or refuses a write. */
    private volatile boolean unsupported;

    /** @param buffered the descriptor of the same file, which is used for everything else */
    WritesPastCache(String name, Descriptor buffered) {
        this.name = name;
        this.buffered = buffered;
    }

    /**
     * Writes native memory, if address, offset and length are multiples of 4 KiB and the file system takes it.
     *
     * @return false if not; a part may have been written, and the caller writes all of it through the page cache
     */
    boolean tryWrite(long offsetBytes, MemorySegment source) throws DeviceException {
        if (!source.isNative() || (source.address() | offsetBytes | source.byteSize()) % Sectors.BLOCK_BYTES != 0) {
            return false;
        }
        Descriptor descriptor = unsupported ? null : descriptor();
        if (descriptor != null && descriptor.tryWriteFully(offsetBytes, source)) {
            return true;
        }
        if (!unsupported) {
            unsupported = true;
            LOG.debug("{}: the file system takes no direct writes; the page cache is used", name);
        }
        return false;
    }

    private @Nullable Descriptor descriptor() throws DeviceException {
        Descriptor open = direct.get();
        if (open == null) {
            Descriptor opened = buffered.reopenedDirect();
            if (opened == null || direct.compareAndSet(null, opened)) {
                return opened;
            }
            opened.close();
            open = direct.get();
        }
        return open;
    }

    /** Closes the second descriptor, once the writes in progress have ended. */
    void close() throws DeviceException {
        Descriptor open = direct.getAndSet(null);
        if (open != null) {
            open.close();
        }
    }
}
