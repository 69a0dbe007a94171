package io.mdfuse.device.nbd;

/** The functions of the C library with which a thread waits for several descriptors. jnr-ffi implements them. */
public interface PollFunctions {
    /** Waits for {@code count} entries of {@code struct pollfd}; -1 if a signal ends the wait. */
    int poll(long entries, long count, int timeoutMillis);

    int eventfd(int count, int flags);

    long read(int descriptor, long buffer, long lengthBytes);

    long write(int descriptor, long buffer, long lengthBytes);

    int close(int descriptor);
}
