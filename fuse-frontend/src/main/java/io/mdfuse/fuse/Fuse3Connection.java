package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * The answer to INIT, the kernel's first request: how long requests may be, how many may wait, and which features are
 * used. libfuse 3 enables what the kernel can; two of these features would change what the file does:
 *
 * <ul>
 *   <li>{@code FUSE_CAP_ATOMIC_O_TRUNC}: an open(2) with O_TRUNC would come as one request, for which the kernel takes
 *       the file's size for 0 and drops what other users have in its page cache. {@link OpenFiles} finds the handle
 *       that truncates without it.
 *   <li>{@code FUSE_CAP_AUTO_INVAL_DATA}: the kernel would drop all cached pages when the file's time changes, and
 *       every write changes it.
 * </ul>
 *
 * <p>Both are off with libfuse 2 too. FUSE's write-back cache is off by default and never asked for.
 */
final class Fuse3Connection {
    /** The longest request of either direction; the kernel derives max_pages from it. libfuse's buffers fit it. */
    static final int MAX_REQUEST_BYTES = 1 << 20;

    private static final int BLOCK_BYTES = 4096;

    private static final int ASYNC_READ = 1;

    /** Offered by Linux from 6.6 on, the first that keeps its page cache right beside direct I/O. */
    private static final long DIRECT_IO_ALLOW_MMAP = 1L << 28;

    private static final int ATOMIC_O_TRUNC = 1 << 3;
    private static final int AUTO_INVAL_DATA = 1 << 12;

    private final Fuse3Abi abi;
    private final Map<String, String> options;
    private volatile boolean parallelDirectWrites;

    /** @param options those of {@link Fuse3Options#connection}, which has checked that numbers are numbers */
    Fuse3Connection(Fuse3Abi abi, Map<String, String> options) {
        this.abi = abi;
        this.options = options;
    }

    /**
     * Whether an open with O_DIRECT may be answered with {@link Fuse3Abi#DIRECT_IO} and {@link
     * Fuse3Abi#PARALLEL_DIRECT_WRITES}: the library has these bits, the kernel drops cached pages that a direct write
     * changes, and the user did not ask for pages that stay cached from one open to the next. False until INIT is
     * answered.
     */
    boolean allowsParallelDirectWrites() {
        return parallelDirectWrites;
    }

    /** Fills libfuse's {@code struct fuse_conn_info} and {@code struct fuse_config}. */
    void configure(long connectionAddress, long configAddress) {
        MemorySegment connection = NativeMemory.segment(connectionAddress, Fuse3Abi.CONNECTION_BYTES);
        long maxWriteBytes = Long.parseLong(options.getOrDefault("max_write", "" + MAX_REQUEST_BYTES));
        connection.set(JAVA_INT, Fuse3Abi.MAX_WRITE, Math.clamp(maxWriteBytes, BLOCK_BYTES, MAX_REQUEST_BYTES));
        set(connection, Fuse3Abi.MAX_READ, "max_read");
        set(connection, Fuse3Abi.MAX_BACKGROUND, "max_background");
        set(connection, Fuse3Abi.CONGESTION_THRESHOLD, "congestion_threshold");
        set(connection, Fuse3Abi.MAX_READAHEAD, "max_readahead");
        int unwanted = AUTO_INVAL_DATA
                | (options.containsKey("atomic_o_trunc") ? 0 : ATOMIC_O_TRUNC)
                | (options.containsKey("sync_read") ? ASYNC_READ : 0);
        unset(connection, unwanted);
        parallelDirectWrites = abi.hasExtendedFeatures()
                && (connection.get(JAVA_LONG, Fuse3Abi.CAPABLE_EXT) & DIRECT_IO_ALLOW_MMAP) != 0
                && !options.containsKey("kernel_cache")
                && !options.containsKey("auto_cache");
        MemorySegment config = NativeMemory.segment(configAddress, Fuse3Abi.CONFIG_BYTES);
        config.set(JAVA_INT, abi.nullPathOkOffset(), 1);
        if (options.containsKey("direct_io")) {
            config.set(JAVA_INT, Fuse3Abi.CONFIG_DIRECT_IO, 1);
        }
    }

    /** Versions with two fields for the features refuse a session in which the program changed both differently. */
    private void unset(MemorySegment connection, int features) {
        int wanted = connection.get(JAVA_INT, Fuse3Abi.WANT) & ~features;
        if (abi.hasExtendedFeatures()) {
            long extended = connection.get(JAVA_LONG, Fuse3Abi.WANT_EXT) & ~Integer.toUnsignedLong(features);
            connection.set(JAVA_LONG, Fuse3Abi.WANT_EXT, extended);
            wanted = (int) extended;
        }
        connection.set(JAVA_INT, Fuse3Abi.WANT, wanted);
    }

    private void set(MemorySegment connection, long offset, String option) {
        String text = options.get(option);
        if (text != null) {
            connection.set(JAVA_INT, offset, (int) Long.parseLong(text));
        }
    }
}
