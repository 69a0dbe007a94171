package io.mdfuse.device;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * The bytes of a path, which to Linux is bytes and no text. A {@link Path} keeps them exactly, its {@code toString}
 * does not: bytes that mean nothing in the locale's encoding become a replacement character, and the way back names
 * another file. Its URI spells each byte out, in both directions.
 */
public final class PathBytes {
    /** How Java reads and writes names on this machine, arguments too: fixed by the locale in which it was started. */
    public static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    /** What stands in a path's text for bytes that are none. */
    public static final char REPLACEMENT = '\ufffd';

    private static final int HEX = 16;
    private static final int HEX_DIGITS = 2;
    private static final String SCHEME = "file:///";

    private PathBytes() {}

    /** The bytes of the path; of the absolute path, if some of them are no text. */
    public static byte[] of(Path path) {
        if (path.toString().indexOf(REPLACEMENT) < 0) {
            return path.toString().getBytes(CHARSET);
        }
        String raw = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        // A directory's URI ends in a slash, which the path itself has only if it is the root.
        int end = raw.length() > 1 && raw.endsWith("/") ? raw.length() - 1 : raw.length();
        for (int i = 0; i < end; i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(Integer.parseInt(raw.substring(i + 1, i + 1 + HEX_DIGITS), HEX));
                i += HEX_DIGITS;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** The path of an absolute name's bytes; one that is not absolute becomes a path that names no file. */
    public static Path toPath(byte[] absolute) {
        if (absolute.length == 0 || absolute[0] != '/') {
            return Path.of("");
        }
        int start = 0;
        while (start < absolute.length && absolute[start] == '/') {
            start++;
        }
        StringBuilder uri = new StringBuilder(SCHEME);
        for (int i = start; i < absolute.length; i++) {
            if (absolute[i] == '/') {
                uri.append('/');
            } else {
                uri.append(String.format("%%%02X", absolute[i]));
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** True if {@code name} is text in the encoding of this machine's names. */
    public static boolean isText(byte[] name) {
        try {
            CHARSET.newDecoder().decode(ByteBuffer.wrap(name));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
