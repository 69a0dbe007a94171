package io.mdfuse.fuse;

import java.util.Map;

/**
 * The functions of libfuse 3, with every pointer as a number. Their signatures are those of the headers of libfuse 3.14
 * and 3.18. jnr-ffi implements the interface, so it is public.
 */
public interface Fuse3Functions {
    /** The C names. A function that the library does not have fails when it is called. */
    Map<String, String> SYMBOLS = Map.ofEntries(
            Map.entry("packageVersion", "fuse_pkgversion"),
            Map.entry("newSession", "fuse_new_31"),
            Map.entry("newSessionForHeaders", "_fuse_new_31"),
            Map.entry("freeArguments", "fuse_opt_free_args"),
            Map.entry("mount", "fuse_mount"),
            Map.entry("unmount", "fuse_unmount"),
            Map.entry("destroy", "fuse_destroy"),
            Map.entry("loop", "fuse_loop"),
            Map.entry("lowLevelSession", "fuse_get_session"),
            Map.entry("invalidateInode", "fuse_lowlevel_notify_inval_inode"),
            Map.entry("context", "fuse_get_context"),
            Map.entry("sessionDescriptor", "fuse_session_fd"),
            Map.entry("processBuffer", "fuse_session_process_buf"),
            Map.entry("pipe", "pipe2"),
            Map.entry("duplicate", "dup3"),
            Map.entry("control", "fcntl"));

    /** The version, such as {@code 3.14.0}. */
    String packageVersion();

    /** To 3.16. */
    long newSession(long args, long operations, long operationsBytes, long userData);

    /** From 3.17 on. */
    long newSessionForHeaders(long args, long operations, long operationsBytes, long version, long userData);

    void freeArguments(long args);

    int mount(long fuse, long mountPoint);

    void unmount(long fuse);

    void destroy(long fuse);

    int loop(long fuse);

    long lowLevelSession(long fuse);

    int invalidateInode(long session, long node, long offsetBytes, long lengthBytes);

    long context();

    int sessionDescriptor(long session);

    void processBuffer(long session, long buffer);

    /** read(2) of the C library, as all that follow: libfuse needs that library, so they are found in it. */
    long read(int descriptor, long buffer, long lengthBytes);

    long write(int descriptor, long buffer, long lengthBytes);

    int pipe(long descriptors, int flags);

    int duplicate(int descriptor, int asDescriptor, int flags);

    int control(int descriptor, int command, int argument);

    int close(int descriptor);
}
