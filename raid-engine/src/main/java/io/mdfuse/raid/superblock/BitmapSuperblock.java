package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The head of a write-intent bitmap, version 4 (Linux {@code bitmap_super_t} in md-bitmap.h). All integers are
 * little-endian.
 *
 * <pre>
 *  off  size  field             meaning
 *    0    4   magic             "bitm"
 *    4    4   version           4; 3 host-endian, 5 clustered, 6 lockless
 *    8   16   uuid              the array's
 *   24    8   events            if lower than the array's, the bits are stale
 *   32    8   events_cleared    no bit was cleared since that a missing member needs
 *   40    8   sync_size         member sectors that the bits cover
 *   48    4   state             1 stale, 2 write error
 *   52    4   chunksize         bytes for each bit, a power of two, at least 512
 *   56    4   daemon_sleep      seconds between two passes that clear bits
 *   60    4   write_behind      of RAID-1
 *   64    4   sectors_reserved  room for bits, 0 if not recorded
 *   68    4   nodes             of a cluster
 *   72   64   cluster_name
 *  256   ..   the bits          bit n of byte 256 + n / 8, lowest first, for member sectors from n chunks on
 * </pre>
 *
 * @param chunkBytes bytes of every member for each bit
 */
@SuppressWarnings("ArrayRecordComponent")
public record BitmapSuperblock(
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

    public static final int MAGIC_VALUE = 0x6d746962;
    public static final int VERSION_VALUE = 4;

    /** State bit: the bits are not valid. */
    public static final int STALE = 1;

    /** md's default, which it also uses in place of an invalid value. */
    public static final int DEFAULT_DAEMON_SLEEP_SECONDS = 5;

    private static final int MIN_CHUNK_BYTES = 512;
    private static final int MAX_DAEMON_SLEEP_SECONDS = 3600;

    /**
     * Reads and checks a head.
     *
     * @param deviceName for messages
     * @param page at least {@link #BYTES} long
     * @throws ArrayRefusedException CORRUPT if it is not a head of this array's bitmap, UNSUPPORTED if its kind is not
     *     served
     */
    public static BitmapSuperblock decode(String deviceName, byte[] page, byte[] setUuid) throws ArrayRefusedException {
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        byte[] uuid = Arrays.copyOfRange(page, UUID, UUID + SuperblockLayout.UUID_BYTES);
        if (head.getInt(MAGIC) != MAGIC_VALUE || !Arrays.equals(uuid, setUuid)) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, deviceName + ": holds no write-intent bitmap of this array where one should be");
        }
        checkKind(deviceName, head);
        long chunkBytes = Integer.toUnsignedLong(head.getInt(CHUNK_SIZE));
        if (chunkBytes < MIN_CHUNK_BYTES || Long.bitCount(chunkBytes) != 1) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, deviceName + ": its write-intent bitmap has chunks of " + chunkBytes + " bytes");
        }
        int sleep = head.getInt(DAEMON_SLEEP);
        return new BitmapSuperblock(
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

    private static void checkKind(String deviceName, ByteBuffer head) throws ArrayRefusedException {
        int version = head.getInt(VERSION);
        String kind = switch (version) {
            case VERSION_VALUE -> head.getInt(NODES) == 0 ? "" : "clustered";
            case 3 -> "in the byte order of its host";
            case 5 -> "clustered";
            case 6 -> "lockless (llbitmap)";
            default -> "of an unknown kind";
        };
        if (!kind.isEmpty()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    deviceName + ": its write-intent bitmap is " + kind + " (version " + version
                            + "), which is not supported");
        }
    }

    /** How many bits cover this many member sectors. */
    public int chunks(long memberSectors) {
        return (int) Math.ceilDiv(memberSectors, chunkSectors());
    }

    /** Member sectors for each bit. */
    public long chunkSectors() {
        return chunkBytes / MIN_CHUNK_BYTES;
    }

    BitmapSuperblock with(long newEvents, long newEventsCleared, long newSyncSectors) {
        return new BitmapSuperblock(
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
        head.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, VERSION_VALUE).put(UUID, uuid);
        head.putLong(EVENTS, events).putLong(EVENTS_CLEARED, eventsCleared).putLong(SYNC_SIZE, syncSectors);
        head.putInt(STATE, state).putInt(CHUNK_SIZE, (int) chunkBytes).putInt(DAEMON_SLEEP, daemonSleepSeconds);
        head.putInt(WRITE_BEHIND, writeBehind).putInt(SECTORS_RESERVED, reservedSectors);
    }
}
