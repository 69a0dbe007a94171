package io.mdfuse.raid.array.content;

/**
 * What was recognised at the start of a volume.
 *
 * @param kind what people call it, such as {@code XFS}; or {@code GPT}
 * @param form what mounting it takes
 * @param fitsBlocks true if it can be used on a device of 4096-byte sectors; false if it was made for smaller ones, or
 *     if what lies inside it may have been
 * @param log whether the file system's log must be replayed before its content is whole
 * @param logBytes how long that log is, 0 if that is not known
 */
public record VolumeContent(String kind, Form form, boolean fitsBlocks, Log log, long logBytes) {
    /** What mounting it takes. */
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
        /** There is none, or nothing is in it. */
        CLEAN,
        /** It holds what the file system has not got in place: without a replay that is missing. */
        TO_BE_REPLAYED,
        /** It can't be told from outside. */
        UNKNOWN
    }

    static VolumeContent fileSystem(String kind, boolean fitsBlocks, Log log, long logBytes) {
        return new VolumeContent(kind, Form.FILE_SYSTEM, fitsBlocks, log, logBytes);
    }
}
