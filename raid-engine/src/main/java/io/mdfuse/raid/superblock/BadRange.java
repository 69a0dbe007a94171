package io.mdfuse.raid.superblock;

/**
 * Consecutive bad sectors of a device.
 *
 * @param sector the first one, counted from the start of the device as in md's bad-block log
 * @param sectors how many, at least 1
 */
public record BadRange(long sector, long sectors) {
    /** The sector after the last one. */
    public long endSector() {
        return sector + sectors;
    }

    /** As md's sysfs shows it: {@code sector length}. */
    public String text() {
        return sector + " " + sectors;
    }
}
