package io.mdfuse.raid.superblock;

/**
 * The values of a superblock's role table, which is indexed by device number. Values from 0 to
 * {@link #LAST_SLOT} are slots of the array.
 */
public final class Roles {
    public static final int LAST_SLOT = 0xfeff;
    public static final int JOURNAL = 0xfffd;
    public static final int FAULTY = 0xfffe;

    /** A spare; md also writes it for every number that has no device. */
    public static final int SPARE = 0xffff;

    /**
     * Synology's md sets it over the slot of a member that had a read error while nothing could replace what it held
     * ("DiskError"). The member is in sync and keeps its slot.
     */
    public static final int DISK_ERROR = 0x8000;

    private Roles() {}

    /** The slot that a value of the table with {@link #DISK_ERROR} names; -1 for any other value. */
    static int slotWithDiskError(int tableRole, int raidDisks) {
        int slot = tableRole & ~DISK_ERROR;
        return (tableRole & DISK_ERROR) != 0 && slot < raidDisks ? slot : -1;
    }

    /** True where the role is a slot of the array. */
    public static boolean isSlot(int role) {
        return role >= 0 && role <= LAST_SLOT;
    }

    /** The role in words, for messages. */
    public static String describe(int role) {
        return switch (role) {
            case JOURNAL -> "journal";
            case FAULTY -> "faulty";
            case SPARE -> "spare";
            default -> "slot " + role;
        };
    }
}
