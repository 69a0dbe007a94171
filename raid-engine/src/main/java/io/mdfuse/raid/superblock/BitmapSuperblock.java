package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The head of a write-intent bitmap (Linux {@code bitmap_super_t} in md-bitmap.h): version 4, with one bit for each
 * chunk, or version 6, the lockless bitmap of Linux 6.18, with one byte ({@link ChunkState}). All integers are
 * little-endian.
 *
 * <pre>
 *  off  size  field             meaning
 *    0    4   magic             "bitm"
 *    4    4   version           4, or 6 lockless; 3 host-endian, 5 clustered
 *    8   16   uuid              the array's
 *   24    8   events            if lower than the array's, the bits are stale
 *   32    8   events_cleared    no bit was cleared since that a missing member needs
 *   40    8   sync_size         member sectors that the bits cover
 *   48    4   state             1, 2 stale, 4 write error; of version 6 also 8 not initialized, 16 then all clean
 *   52    4   chunksize         bytes for each bit, a power of two, at least 512; of version 6 in sectors
 *   56    4   daemon_sleep      seconds between two passes that clear bits
 *   60    4   write_behind      of RAID-1
 *   64    4   sectors_reserved  room for bits, 0 if not recorded
 *   68    4   nodes             of a cluster
 *   72   64   cluster_name
 *  256   ..   the bits          bit n of byte 256 + n / 8, lowest first, for member sectors from n chunks on
 * 1024   ..   the states        version 6: byte 1024 + n, for member sectors from n chunks on
 * </pre>
 *
 * <p>mdadm leaves a lockless bitmap that is not initialized: it has no states yet, and its chunk size means nothing.
 * The first kernel that uses the bitmap chooses the chunk size and writes the states; {@link #decode} gives the same.
 *
 * @param version {@link #VERSION_VALUE} or {@link #LOCKLESS_VERSION}
 * @param chunkBytes bytes of every member for each bit or state
 */
@SuppressWarnings("ArrayRecordComponent")
public record BitmapSuperblock(
        int version,
        byte[] uuid,
        long events,
        long eventsCleared,
        long syncSectors,
        int state,
        long chunkBytes,
        int daemonSleepSeconds,
        int writeBehind,
        int reservedSectors) {
    public static final int MAGIC = 0;
    public static final int VERSION = 4;
    public static final int UUID = 8;
    public static final int EVENTS = 24;
    public static final int EVENTS_CLEARED = 32;
    public static final int SYNC_SIZE = 40;
    public static final int STATE = 48;
    public static final int CHUNK_SIZE = 52;
    public static final int DAEMON_SLEEP = 56;
    public static final int WRITE_BEHIND = 60;
    public static final int SECTORS_RESERVED = 64;
    public static final int NODES = 68;

    /** The length of the head; the bits begin here. */
    public static final int BYTES = 256;

    /** Where the states of a lockless bitmap begin. */
    public static final int STATES = 1024;

    /** Sectors of a lockless bitmap before its states. */
    private static final int HEAD_SECTORS = STATES / 512;

    public static final int MAGIC_VALUE = 0x6d746962;
    public static final int VERSION_VALUE = 4;
    public static final int LOCKLESS_VERSION = 6;

    /** State bit: the bits are not valid; mdadm shows it. */
    public static final int STALE = 1;

    /** State bits with which the content is not believed: stale, as mdadm or as the kernel numbers it; write error. */
    private static final int NOT_BELIEVED = STALE | 2 | 4;

    /** State bit of a lockless bitmap: no kernel has used it yet. */
    private static final int FIRST_USE = 8;

    /** State bit beside {@link #FIRST_USE}: every chunk starts as clean. */
    private static final int FIRST_USE_CLEAN = 16;

    /** Sectors reserved for a lockless bitmap, at the least length of its chunks. */
    public static final int LOCKLESS_SECTORS = 256;

    /** What the kernel stores in a lockless bitmap that it initializes. */
    public static final int LOCKLESS_DAEMON_SLEEP_SECONDS = 30;

    private static final int LEAST_LOCKLESS_CHUNK_SECTORS = 128;

    /** md's default, which it also uses in place of an invalid value. */
    public static final int DEFAULT_DAEMON_SLEEP_SECONDS = 5;

    private static final int MIN_CHUNK_BYTES = 512;
    private static final int MAX_DAEMON_SLEEP_SECONDS = 3600;

    /**
     * Reads and checks a head.
     *
     * @param deviceName for messages
     * @param stored at least {@link #BYTES} long
     * @throws ArrayRefusedException CORRUPT if it is not a head of this array's bitmap, UNSUPPORTED if its kind is not
     *     served
     */
    public static BitmapSuperblock decode(String deviceName, byte[] stored, byte[] setUuid)
            throws ArrayRefusedException {
        byte[] page = OverwrittenHead.restore(stored, setUuid);
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        byte[] uuid = Arrays.copyOfRange(page, UUID, UUID + SuperblockLayout.UUID_BYTES);
        if (head.getInt(MAGIC) != MAGIC_VALUE || !Arrays.equals(uuid, setUuid)) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, deviceName + ": holds no write-intent bitmap of this array where one should be");
        }
        checkKind(deviceName, head);
        int reserved = head.getInt(SECTORS_RESERVED);
        if (head.getInt(VERSION) == LOCKLESS_VERSION && (reserved < 0 || (reserved > 0 && reserved <= HEAD_SECTORS))) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT,
                    deviceName + ": its lockless bitmap has " + reserved + " sectors reserved, too few for any state");
        }
        long chunkBytes = chunkBytes(head);
        if (chunkBytes < MIN_CHUNK_BYTES || Long.bitCount(chunkBytes) != 1) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, deviceName + ": its write-intent bitmap has chunks of " + chunkBytes + " bytes");
        }
        int sleep = head.getInt(DAEMON_SLEEP);
        return new BitmapSuperblock(
                head.getInt(VERSION),
                uuid,
                head.getLong(EVENTS),
                head.getLong(EVENTS_CLEARED),
                head.getLong(SYNC_SIZE),
                head.getInt(STATE),
                chunkBytes,
                sleep < 1 || sleep > MAX_DAEMON_SLEEP_SECONDS ? DEFAULT_DAEMON_SLEEP_SECONDS : sleep,
                head.getInt(WRITE_BEHIND),
                head.getInt(SECTORS_RESERVED));
    }

    private static long chunkBytes(ByteBuffer head) {
        long stored = Integer.toUnsignedLong(head.getInt(CHUNK_SIZE));
        if (head.getInt(VERSION) == VERSION_VALUE) {
            return stored;
        }
        return (head.getInt(STATE) & FIRST_USE) == 0
                ? stored * MIN_CHUNK_BYTES
                : locklessChunkBytes(head.getLong(SYNC_SIZE), head.getInt(SECTORS_RESERVED));
    }

    /**
     * The chunk size that the kernel chooses for a lockless bitmap.
     *
     * @param memberSectors what the states cover
     * @param reservedSectors the space for the bitmap; 0 for the usual
     */
    public static long locklessChunkBytes(long memberSectors, int reservedSectors) {
        long space = (long) (reservedSectors > 0 ? reservedSectors : LOCKLESS_SECTORS) * MIN_CHUNK_BYTES - STATES;
        long chunkSectors = LEAST_LOCKLESS_CHUNK_SECTORS;
        while (Math.ceilDiv(memberSectors, chunkSectors) > space) {
            chunkSectors *= 2;
        }
        return chunkSectors * MIN_CHUNK_BYTES;
    }

    private static void checkKind(String deviceName, ByteBuffer head) throws ArrayRefusedException {
        int version = head.getInt(VERSION);
        String kind = switch (version) {
            case VERSION_VALUE, LOCKLESS_VERSION -> head.getInt(NODES) == 0 ? "" : "clustered";
            case 3 -> "in the byte order of its host";
            case 5 -> "clustered";
            default -> "of an unknown kind";
        };
        if (!kind.isEmpty()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    deviceName + ": its write-intent bitmap is " + kind + " (version " + version
                            + "), which is not supported");
        }
    }

    /** True for the lockless bitmap of Linux 6.18. */
    public boolean lockless() {
        return version == LOCKLESS_VERSION;
    }

    /** True if the state bits say that the content is not valid. */
    public boolean isStale() {
        return (state & NOT_BELIEVED) != 0;
    }

    /** True for a lockless bitmap that has no states yet. */
    public boolean isNew() {
        return lockless() && (state & FIRST_USE) != 0;
    }

    /** The state of every chunk of a lockless bitmap that {@link #isNew}. */
    ChunkState firstState() {
        return (state & FIRST_USE_CLEAN) != 0 ? ChunkState.CLEAN : ChunkState.UNWRITTEN;
    }

    /** How many bits or states cover this many member sectors. */
    public int chunks(long memberSectors) {
        return (int) Math.ceilDiv(memberSectors, chunkSectors());
    }

    /** Member sectors for each bit or state. */
    public long chunkSectors() {
        return chunkBytes / MIN_CHUNK_BYTES;
    }

    BitmapSuperblock with(long newEvents, long newEventsCleared, long newSyncSectors) {
        return new BitmapSuperblock(
                version,
                uuid,
                newEvents,
                newEventsCleared,
                newSyncSectors,
                0,
                chunkBytes,
                daemonSleepSeconds,
                writeBehind,
                reservedSectors);
    }

    /** Stores the head at the start of {@code page}. */
    void put(byte[] page) {
        Arrays.fill(page, 0, BYTES, (byte) 0);
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, version).put(UUID, uuid);
        head.putLong(EVENTS, events).putLong(EVENTS_CLEARED, eventsCleared).putLong(SYNC_SIZE, syncSectors);
        head.putInt(STATE, state)
                .putInt(CHUNK_SIZE, (int) (lockless() ? chunkSectors() : chunkBytes))
                .putInt(DAEMON_SLEEP, daemonSleepSeconds);
        head.putInt(WRITE_BEHIND, writeBehind).putInt(SECTORS_RESERVED, reservedSectors);
    }
}
