package io.mdfuse.raid.superblock.foreign;

import java.util.List;

/**
 * The partition table of a whole disk. Offsets are in sectors of 512 bytes, whatever the disk's own sectors are.
 *
 * @param kind which kind of table it is, and where it was read
 * @param partitions in the order of the table; logical ones follow the extended one that holds them
 */
public record PartitionTable(Kind kind, List<Partition> partitions) {
    public enum Kind {
        GPT("a GPT"),
        GPT_COPY("a GPT (only its second copy, at the end, is left)"),
        DOS("a DOS partition table (MBR)");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** In words that follow "has". */
        public String words() {
            return words;
        }
    }

    /**
     * A partition.
     *
     * @param number as the kernel counts them, from 1
     * @param endSector the first one behind it
     * @param type of a DOS table two hex digits, of a GPT a GUID
     * @param extended true if others lie in it
     */
    public record Partition(int number, long startSector, long endSector, String type, boolean extended) {}
}
