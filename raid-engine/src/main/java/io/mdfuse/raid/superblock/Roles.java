package io.mdfuse.raid.superblock;

/**
 * The values of a superblock's role table {@code dev_roles}, which is indexed by device number (MD_DISK_ROLE_… in Linux
 * {@code md_p.h}). Values from 0 to {@link #LAST_SLOT} are slots of the array.
 */
public final class Roles {
    public static final int LAST_SLOT = 0xfeff;
    public static final int JOURNAL = 0xfffd;
    public static final int FAULTY = 0xfffe;

    /** A spare; md also writes it for every number without a device. */
    public static final int SPARE = 0xffff;

    /**
     * Synology's md adds this bit to the slot of a member that had a read error while its content could not be solved
     * from other members ("DiskError"). The member is in sync and keeps its slot.
     */
    public static final int DISK_ERROR = 0x8000;

    private Roles() {}

    /** The slot in a table value with {@link #DISK_ERROR}; -1 for any other value. */
    static int slotWithDiskError(int tableRole, int raidDisks) {
        int slot = tableRole & ~DISK_ERROR;
        return (tableRole & DISK_ERROR) != 0 && slot < raidDisks ? slot : -1;
    }

    /** True if the role is a slot of the array. */
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
