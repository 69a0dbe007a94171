package io.mdfuse.device.nbd;

import java.time.Duration;

/**
 * How long the program waits for a server.
 *
 * @param connect for a connection, at opening and after one was lost
 * @param request for the reply to a read or a write: Linux gives a disk as long
 * @param flush for the reply to a flush: Linux gives a disk as long
 */
record NbdPatience(Duration connect, Duration request, Duration flush) {
    static final NbdPatience USUAL =
            new NbdPatience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60));
}
