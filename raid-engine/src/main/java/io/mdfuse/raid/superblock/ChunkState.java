package io.mdfuse.raid.superblock;

/**
 * What a lockless bitmap knows of one chunk of the members: whether it was ever written, and whether its parity is
 * valid. A chunk that was never written has no content and no parity: whatever lay on the disks.
 *
 * <pre>
 *                      write (RAID-4/5/6)                parity made            idle, members flushed
 *   0 UNWRITTEN ───────────────────────▶ 3 NEED_SYNC ───────────▶ 2 DIRTY ─────────────────────▶ 1 CLEAN
 *        ▲                                     ▲                      ▲                              │
 *        │ trim, from any state                │ write while degraded │ write                        │
 *        └────────────                         └──────────────────────┴──────────────────────────────┘
 *
 *   when the array is opened: 2 and 4 become 3; 5 and 6 become 0; any other value is taken as 3
 * </pre>
 */
public enum ChunkState {
    /** Never written, or trimmed. */
    UNWRITTEN(0, "unwritten"),
    /** Written; parity is valid. */
    CLEAN(1, "clean"),
    /** Being written; parity is valid as long as the array runs. */
    DIRTY(2, "dirty"),
    /** Written; parity is valid only in stripes that were written. */
    NEED_SYNC(3, "need sync"),
    /** As {@link #NEED_SYNC}, and its parity is being made. */
    SYNCING(4, "syncing"),
    /** Never written; its parity is to be made. */
    NEED_SYNC_UNWRITTEN(5, "need sync unwritten"),
    /** Never written; its parity is being made. */
    SYNCING_UNWRITTEN(6, "syncing unwritten"),
    /** Never written; parity is valid. */
    CLEAN_UNWRITTEN(7, "clean unwritten");

    private static final ChunkState[] BY_CODE = values();

    private final int code;
    private final String word;

    ChunkState(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /** The state of a stored byte; {@link #NEED_SYNC} for a value that is not known. */
    public static ChunkState of(byte stored) {
        return isKnown(stored) ? BY_CODE[stored] : NEED_SYNC;
    }

    static boolean isKnown(byte stored) {
        return stored >= 0 && stored < BY_CODE.length;
    }

    /** The byte that is stored for this state. */
    byte code() {
        return (byte) code;
    }

    /** md's name of the state. */
    public String word() {
        return word;
    }

    /** What the state means to a program that opens the array. */
    ChunkState whenOpened() {
        return switch (this) {
            case DIRTY, SYNCING -> NEED_SYNC;
            case NEED_SYNC_UNWRITTEN, SYNCING_UNWRITTEN -> UNWRITTEN;
            default -> this;
        };
    }

    /** True if the parity of all the chunk's stripes is valid while the array runs. */
    public boolean hasParity() {
        return this == CLEAN || this == DIRTY || this == CLEAN_UNWRITTEN;
    }

    /** True if there is something to compare: the chunk was written, and all its stripes have valid parity. */
    public boolean isSynced() {
        return this == CLEAN || this == DIRTY;
    }

    /** True if a new member needs the chunk's content. */
    public boolean isWritten() {
        return this == CLEAN || isMarked();
    }

    /** True if the chunk may be written without changing the stored bitmap: after a crash its parity is made again. */
    public boolean isMarked() {
        return this == DIRTY || this == NEED_SYNC || this == SYNCING;
    }
}
