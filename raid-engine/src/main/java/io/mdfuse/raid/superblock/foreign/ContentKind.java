package io.mdfuse.raid.superblock.foreign;

/** What a kind of content is to an array, which decides what its owner can do with it. */
public enum ContentKind {
    /** Metadata of another RAID, which has disks of its own. */
    OTHER_RAID,
    /** A file that has a disk's content in it, but not byte by byte. */
    DISK_IMAGE,
    /** A file that has to be decompressed, or unpacked, first. */
    ARCHIVE,
    /** A tool's notes on an image. */
    MAP_FILE,
    /** A layer that lies on an array, or on a disk of its own: volume managers, encryption, caches. */
    VOLUME,
    FILE_SYSTEM,
    /** A table, or a boot sector that may be one. */
    PARTITION_TABLE
}
