package io.mdfuse.raid.superblock.foreign;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Bytes at a fixed offset that identify a kind of content.
 *
 * @param name the usual name of the content, with its article
 * @param offsetBytes the offset of the bytes; if negative, from the end of the device
 */
@SuppressWarnings("ArrayRecordComponent")
record Signature(ContentKind kind, String name, long offsetBytes, byte[] magic) {
    static Signature text(ContentKind kind, String name, long offsetBytes, String magic) {
        return new Signature(kind, name, offsetBytes, magic.getBytes(StandardCharsets.US_ASCII));
    }

    static Signature hex(ContentKind kind, String name, long offsetBytes, String magic) {
        return new Signature(kind, name, offsetBytes, HexFormat.of().parseHex(magic));
    }
}
