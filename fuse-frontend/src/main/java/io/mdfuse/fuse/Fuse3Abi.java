package io.mdfuse.fuse;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The layout of libfuse 3's structs, which changed between versions. Only offsets differ that programs see after a
 * recompilation: the soname is {@code libfuse3.so.3} to 3.16, and {@code libfuse3.so.4} from 3.17 on.
 *
 * <pre>
 *   struct fuse_file_info                              struct fuse_config
 *   byte                                               byte              3.14.0   3.14.1–3.16   3.17–
 *     0  int      flags of open(2)                     direct_io             72            72      72
 *     4  uint32   bit 0  writepage                     nullpath_ok          104           104      96
 *                 bit 1  direct_io
 *                 bit 2  keep_cache                    struct fuse_conn_info, each field a uint32
 *                 bit 3  parallel_direct_writes,       byte
 *                        3.14.1–3.16 alone;              8  max_write       12  max_read
 *                        not used                       16  max_readahead
 *                 bit 8  parallel_direct_writes,        20  capable         24  want: the features
 *                        from 3.17 on
 *    16  uint64   fh, the handle                        28  max_background  32  congestion_threshold
 *    24  uint64   lock_owner                            48  uint64 capable_ext, 56  uint64 want_ext: from 3.17 on
 * </pre>
 *
 * <p>{@code struct fuse_operations} has the same slots from 3.14 on, see {@link Fuse3Slots}; in {@code struct
 * fuse_context} the thread's number is at byte 16.
 *
 * @param minor as in 3.MINOR.PATCH
 */
record Fuse3Abi(int minor, int patch) {
    /** The oldest version that is accepted: Debian 12's. */
    private static final Fuse3Abi OLDEST = new Fuse3Abi(14, 0);

    private static final int FIRST_OF_SONAME_4 = 17;
    private static final Pattern VERSION = Pattern.compile("3\\.(\\d{1,4})(?:\\.(\\d{1,4}))?(?:\\D.*)?");

    static final long FILE_INFO_BYTES = 40;
    static final long FILE_INFO_FLAGS = 0;
    static final long FILE_INFO_BITS = 4;
    static final int WRITEPAGE = 1;
    static final int DIRECT_IO = 1 << 1;
    static final int PARALLEL_DIRECT_WRITES = 1 << 8;
    static final long FILE_INFO_HANDLE = 16;

    static final long CONFIG_BYTES = 128;
    static final long CONFIG_DIRECT_IO = 72;

    static final long CONNECTION_BYTES = 128;
    static final long MAX_WRITE = 8;
    static final long MAX_READ = 12;
    static final long MAX_READAHEAD = 16;
    static final long WANT = 24;
    static final long MAX_BACKGROUND = 28;
    static final long CONGESTION_THRESHOLD = 32;
    static final long CAPABLE_EXT = 48;
    static final long WANT_EXT = 56;

    static final long CONTEXT_BYTES = 32;
    static final long CONTEXT_PID = 16;

    /**
     * The layout of the library whose {@code fuse_pkgversion()} is {@code version}.
     *
     * @throws MountException if the version is older than 3.14, or not a version of libfuse 3
     */
    static Fuse3Abi of(String version) throws MountException {
        Matcher matcher = VERSION.matcher(version);
        if (matcher.matches()) {
            String patch = matcher.group(2);
            Fuse3Abi abi =
                    new Fuse3Abi(Integer.parseInt(matcher.group(1)), patch == null ? 0 : Integer.parseInt(patch));
            if (abi.minor >= OLDEST.minor) {
                return abi;
            }
        }
        throw new MountException("libfuse " + version
                + " can't be used: libfuse 3.14 or later is needed; install it: apt install fuse3");
    }

    /** True if the library takes the version of the headers when a session is made. */
    boolean takesHeaderVersion() {
        return minor >= FIRST_OF_SONAME_4;
    }

    /**
     * True if {@code struct fuse_conn_info} has 64 bits of features besides the 32, and {@code struct fuse_file_info}
     * has {@link #PARALLEL_DIRECT_WRITES}.
     */
    boolean hasExtendedFeatures() {
        return minor >= FIRST_OF_SONAME_4;
    }

    /** The offset of {@code nullpath_ok} in {@code struct fuse_config}. */
    long nullPathOkOffset() {
        return minor >= FIRST_OF_SONAME_4 ? 96 : 104;
    }
}
