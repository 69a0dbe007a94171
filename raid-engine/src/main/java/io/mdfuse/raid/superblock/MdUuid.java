package io.mdfuse.raid.superblock;

import java.util.HexFormat;

/** The text of a 16-byte UUID as mdadm prints it: four groups of eight hex digits, bytes in stored order. */
public final class MdUuid {
    private static final HexFormat HEX = HexFormat.of();

    private MdUuid() {}

    /** The text of 16 bytes, such as {@code 6aa02017:6cbaebce:0a6641b7:bc032f8c}. */
    public static String format(byte[] uuid) {
        StringBuilder text = new StringBuilder(35);
        for (int group = 0; group < SuperblockLayout.UUID_BYTES; group += 4) {
            text.append(group == 0 ? "" : ":").append(HEX.formatHex(uuid, group, group + 4));
        }
        return text.toString();
    }

    /** The text of a UUID of metadata 0.90, which is stored as four little-endian numbers. */
    static String formatWords(byte[] uuid) {
        byte[] turned = new byte[SuperblockLayout.UUID_BYTES];
        for (int at = 0; at < turned.length; at++) {
            turned[at] = uuid[at ^ 3];
        }
        return format(turned);
    }

    /**
     * Reads 32 hex digits. Separators (colon, dash, dot, blank) are ignored everywhere, so that both mdadm's and the
     * common form of a UUID are accepted.
     *
     * @throws IllegalArgumentException if the text has any other character, or not exactly 32 digits
     */
    public static byte[] parse(String text) {
        String digits = text.replaceAll("[-:. ]", "");
        if (digits.length() != 2 * SuperblockLayout.UUID_BYTES) {
            throw new IllegalArgumentException("a UUID has 32 hex digits, this has " + digits.length() + ": " + text);
        }
        try {
            return HEX.parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a UUID: " + text, e);
        }
    }
}
