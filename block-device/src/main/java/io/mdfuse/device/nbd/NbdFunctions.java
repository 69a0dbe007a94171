package io.mdfuse.device.nbd;

import java.util.Map;

/**
 * The functions of libnbd 1.14 that take numbers and strings, with every handle as a number. Those that take a
 * structure by value are in {@link NbdRequests}. jnr-ffi implements the interface, so it is public.
 *
 * <p>A function that returns int answers -1 if it fails; {@link #error} and {@link #errno} then say why, to the thread
 * that called.
 */
public interface NbdFunctions {
    /** The C names. */
    Map<String, String> SYMBOLS = Map.ofEntries(
            Map.entry("create", "nbd_create"),
            Map.entry("close", "nbd_close"),
            Map.entry("error", "nbd_get_error"),
            Map.entry("errno", "nbd_get_errno"),
            Map.entry("allowLocalFiles", "nbd_set_uri_allow_local_file"),
            Map.entry("version", "nbd_get_version"),
            Map.entry("verifyServer", "nbd_set_tls_verify_peer"),
            Map.entry("certificates", "nbd_set_tls_certificates"),
            Map.entry("initializeReads", "nbd_set_pread_initialize"),
            Map.entry("connect", "nbd_aio_connect_uri"),
            Map.entry("disconnect", "nbd_aio_disconnect"),
            Map.entry("descriptor", "nbd_aio_get_fd"),
            Map.entry("direction", "nbd_aio_get_direction"),
            Map.entry("notifyRead", "nbd_aio_notify_read"),
            Map.entry("notifyWrite", "nbd_aio_notify_write"),
            Map.entry("isReady", "nbd_aio_is_ready"),
            Map.entry("isDead", "nbd_aio_is_dead"),
            Map.entry("isClosed", "nbd_aio_is_closed"),
            Map.entry("peekCompleted", "nbd_aio_peek_command_completed"),
            Map.entry("completed", "nbd_aio_command_completed"),
            Map.entry("sizeBytes", "nbd_get_size"),
            Map.entry("blockBytes", "nbd_get_block_size"),
            Map.entry("isReadOnly", "nbd_is_read_only"),
            Map.entry("canFlush", "nbd_can_flush"),
            Map.entry("canFua", "nbd_can_fua"),
            Map.entry("canZero", "nbd_can_zero"));

    /** A new handle; 0 if it can't be made. */
    long create();

    /** Frees the handle. After that libnbd uses no buffer of a request any more. */
    void close(long handle);

    String error();

    int errno();

    /** Whether a URI may name files: a socket, certificates, keys. */
    int allowLocalFiles(long handle, int allow);

    /** The version of libnbd, such as 1.14.2. */
    String version(long handle);

    /** Whether the certificate of the server is verified, if libnbd can. */
    int verifyServer(long handle, int verify);

    /** The directory with ca-cert.pem and the client's own certificate. */
    int certificates(long handle, String directory);

    /** Whether the buffer of each read is cleared before the read. */
    int initializeReads(long handle, int request);

    int connect(long handle, String uri);

    int disconnect(long handle, int flags);

    int descriptor(long handle);

    /** What to poll the descriptor for: 1 readable, 2 writable, 3 both. */
    int direction(long handle);

    int notifyRead(long handle);

    int notifyWrite(long handle);

    int isReady(long handle);

    int isDead(long handle);

    int isClosed(long handle);

    /** The cookie of a request whose reply has arrived; 0 or less if there is none. */
    long peekCompleted(long handle);

    /** Takes the reply: 1 success, 0 not there yet, -1 the request failed. */
    int completed(long handle, long cookie);

    long sizeBytes(long handle);

    /**
     * A block size that the server reported; 0 if it reported none.
     *
     * @param kind 0 minimum, 1 preferred, 2 maximum
     */
    long blockBytes(long handle, int kind);

    int isReadOnly(long handle);

    int canFlush(long handle);

    int canFua(long handle);

    int canZero(long handle);
}
