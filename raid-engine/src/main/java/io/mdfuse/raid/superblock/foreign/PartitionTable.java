package io.mdfuse.raid.superblock.foreign;

import java.util.List;

/**
 * The partition table of a whole disk. Offsets are in sectors of 512 bytes, whatever sector size the disk has.
 *
 * @param kind which kind of table it is, and which copy was read
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

        /** The kind in words that follow "has". */
        public String words() {
            return words;
        }
    }

    /**
     * A partition.
     *
     * @param number the kernel's number of the partition, from 1
     * @param endSector the first sector after it
     * @param type two hex digits in a DOS table, a GUID in a GPT
     * @param extended true if it contains logical partitions
     */
    public record Partition(int number, long startSector, long endSector, String type, boolean extended) {}
}
