package io.mdfuse.fuse;

/**
 * A mount as libfuse knows it. {@link FuseBinding#mount} makes it; {@link LoopThreads} serves it and frees it.
 *
 * <pre>
 *   mounted ── loop() on several threads ──▶ the kernel ends the mount: every loop() returns ── teardown() ──▶ freed
 * </pre>
 */
interface NativeSession {
    /** Serves requests on this thread until the kernel ends the mount. Several threads may call it at once. */
    void loop();

    /** Frees the session. Call once, and only after every loop has ended, since the loops use the session. */
    void teardown();

    /**
     * Has the kernel drop pages of a file from its page cache. The kernel waits for requests that read or write these
     * pages, so a thread that serves requests must not call. Does nothing after {@link #teardown}.
     *
     * @param node libfuse's number of the file, which the kernel shows as the inode number
     */
    void invalidate(long node, long offsetBytes, long lengthBytes);
}
