package io.mdfuse.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * mdadm's mark of an array that was made on this host. Superblocks of version 1 have the host in the array's name;
 * metadata 0.90 has no name, and mdadm makes the second half of its UUID from the SHA-1 of the host's name.
 */
final class LocalMark {
    private LocalMark() {}

    /** The mark after the name of an array; empty if the name has no host or that of another. */
    static String afterName(String setName) {
        String host = SetName.hostName();
        return !host.isEmpty() && setName.startsWith(host + ":") ? "  " + mark(host) : "";
    }

    /** The mark after the UUID of an array of metadata 0.90. */
    static String afterUuid(String uuid) {
        return afterUuid(uuid, SetName.hostName());
    }

    static String afterUuid(String uuid, String host) {
        return !host.isEmpty() && uuid.endsWith(secondHalf(host)) ? " " + mark(host) : "";
    }

    private static String mark(String host) {
        return "(local to host " + host + ")";
    }

    private static String secondHalf(String host) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(host.getBytes(StandardCharsets.UTF_8));
            ByteBuffer words = ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN);
            return String.format(Locale.ROOT, "%08x:%08x", words.getInt(), words.getInt());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
