package io.mdfuse.raid.array.content;

/**
 * The content that was recognised at the start of a volume.
 *
 * @param kind its common name, such as {@code XFS}, or with an article, such as {@code a GPT partition table}
 * @param form how it is mounted
 * @param fitsBlocks true if it can be used on a device with sectors of 4096 bytes; false if it was made for smaller
 *     sectors, or if its inner content may have been
 * @param log whether the file system's log must be replayed before its content is complete
 * @param logBytes the length of that log; 0 if it is not known
 */
public record VolumeContent(String kind, Form form, boolean fitsBlocks, Log log, long logBytes) {
    /** How it is mounted. */
    public enum Form {
        /** A file system: {@code mount} takes the loop device itself. */
        FILE_SYSTEM,
        /** A partition table: the loop device has to show its partitions. */
        PARTITIONS,
        /** Something that another program opens: LVM, LUKS, another array. */
        CONTAINER
    }

    /** The state of the log. */
    public enum Log {
        /** There is no log, or it is empty. */
        CLEAN,
        /** The log contains changes that are not in the file system yet: without a replay they are missing. */
        TO_BE_REPLAYED,
        /** The state is not known without opening the content. */
        UNKNOWN
    }

    static VolumeContent fileSystem(String kind, boolean fitsBlocks, Log log, long logBytes) {
        return new VolumeContent(kind, Form.FILE_SYSTEM, fitsBlocks, log, logBytes);
    }
}
