package io.mdfuse.raid.superblock;

/**
 * Consecutive sectors that a device can't be asked for.
 *
 * @param sector the first one, from the start of the device, as md counts them in its lists
 * @param sectors how many, from 1 on
 */
public record BadRange(long sector, long sectors) {
    /** Behind the last one. */
    public long endSector() {
        return sector + sectors;
    }

    /** As md's sysfs shows it: {@code sector length}. */
    public String text() {
        return sector + " " + sectors;
    }
}
