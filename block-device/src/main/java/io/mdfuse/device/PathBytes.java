package io.mdfuse.device;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * Converts between a path and its bytes: to Linux a path is a sequence of bytes, not text. A {@link Path} keeps the
 * bytes exactly, but its {@code toString} does not: bytes that are invalid in the locale's encoding become a
 * replacement character, and a path made from that text names another file. The URI of a path keeps each byte in both
 * directions.
 */
public final class PathBytes {
    /** The charset in which Java converts file names and arguments; it depends on the locale of the process. */
    public static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    /** The character that replaces bytes of a path that are invalid in {@link #CHARSET}. */
    public static final char REPLACEMENT = '\ufffd';

    private static final int HEX = 16;
    private static final int HEX_DIGITS = 2;
    private static final String SCHEME = "file:///";

    private PathBytes() {}

    /** The bytes of the path; those of the absolute path, if some bytes are invalid in {@link #CHARSET}. */
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

    /** The path for the bytes of an absolute name; for another name the empty path, which names no file. */
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

    /** True if {@code name} is valid text in {@link #CHARSET}. */
    public static boolean isText(byte[] name) {
        try {
            CHARSET.newDecoder().decode(ByteBuffer.wrap(name));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
