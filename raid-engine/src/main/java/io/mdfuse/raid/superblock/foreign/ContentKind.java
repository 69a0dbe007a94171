package io.mdfuse.raid.superblock.foreign;

/** Kinds of content, distinguished by what the user can do with the device. */
public enum ContentKind {
    /** Metadata of a RAID that is not md. */
    OTHER_RAID,
    /** An image file of a disk in a format that is not raw. */
    DISK_IMAGE,
    /** A file that has to be decompressed, or unpacked, first. */
    ARCHIVE,
    /** A file in which a rescue tool records its progress, not an image. */
    MAP_FILE,
    /** A layer that lies on an array or on a disk, not on a member: volume managers, encryption, caches. */
    VOLUME,
    FILE_SYSTEM,
    /** A partition table, or a boot sector that may have one. */
    PARTITION_TABLE
}
