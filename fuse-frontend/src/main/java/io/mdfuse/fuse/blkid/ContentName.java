package io.mdfuse.fuse.blkid;

/**
 * What libblkid says of a content, in its own words; an empty text for what it does not say.
 *
 * @param type such as {@code ext4}, {@code crypto_LUKS}
 * @param label the label of the file system, printable
 * @param usage {@code filesystem}, {@code raid}, {@code crypto} or {@code other}
 * @param table the kind of the partition table: {@code gpt}, {@code dos}
 * @param ambivalent true if there are signatures of several contents, of which only one can be right; then all else is
 *     empty
 */
public record ContentName(String type, String label, String usage, String table, boolean ambivalent) {
    static final ContentName AMBIVALENT = new ContentName("", "", "", "", true);

    /** Without the zero byte at its end, and with a question mark for each character that could change a terminal. */
    static String printable(String value) {
        int end = value.indexOf('\0');
        return (end < 0 ? value : value.substring(0, end)).replaceAll("\\p{C}", "?");
    }

    /** True if it is a file system, which {@code mount} takes. */
    public boolean isFileSystem() {
        return usage.equals("filesystem");
    }
}
