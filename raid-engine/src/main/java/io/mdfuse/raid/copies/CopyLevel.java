package io.mdfuse.raid.copies;

import io.mdfuse.raid.superblock.Superblock;
import java.util.Arrays;
import java.util.Optional;

/** The levels of md without parity that are served, read-only. */
public enum CopyLevel {
    LINEAR(-1, "linear"),
    RAID0(0, "raid0"),
    RAID1(1, "raid1"),
    RAID10(10, "raid10");

    private final int number;
    private final String mdName;

    CopyLevel(int number, String mdName) {
        this.number = number;
        this.mdName = mdName;
    }

    /** The level of the array that this superblock describes; empty for any other level. */
    public static Optional<CopyLevel> of(Superblock superblock) {
        return Arrays.stream(values())
                .filter(level -> level.number == superblock.level())
                .findFirst();
    }

    /** md's name. */
    public String mdName() {
        return mdName;
    }

    /** True if each byte lies on several members. */
    public boolean keepsCopies() {
        return this == RAID1 || this == RAID10;
    }
}
