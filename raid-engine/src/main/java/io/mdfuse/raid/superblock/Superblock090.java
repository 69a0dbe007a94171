package io.mdfuse.raid.superblock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The superblock of metadata 0.90 as stored (Linux {@code mdp_super_t} in md_p.h): 4096 bytes, integers in the byte
 * order of the machine that wrote it. This includes the two halves of a 64-bit number: the high one comes first on a
 * big-endian machine. {@link Metadata090} finds and checks it, and translates it to version 1 for the rest of the
 * program.
 *
 * <pre>
 *   off  size  field           meaning
 *     0    4   magic           0xa92b4efc
 *     4    4   major_version   0
 *     8    4   minor_version   90; 91 during a reshape
 *    20    4   set_uuid0       the array's UUID; its other three words are at 52
 *    24    4   ctime           seconds
 *    28    4   level           signed
 *    32    4   size            KiB used of every member
 *    36    4   nr_disks        devices, spares included
 *    40    4   raid_disks      slots
 *    44    4   md_minor        the number that the md device had
 *    52   12   set_uuid1..3
 *   128    4   utime           seconds
 *   132    4   state           bit 0 clean, 1 errors, 5 clustered, 8 a bitmap is there
 *   136    4   active_disks
 *   140    4   working_disks
 *   144    4   failed_disks
 *   148    4   spare_disks
 *   152    4   sb_csum         see {@link Metadata090}
 *   156    8   events
 *   164    8   cp_events       recovery_cp is valid if this equals events
 *   172    4   recovery_cp     how far a resync of an array that is not clean has come
 *   176    8   reshape_position 176..199: only with minor version 91; array sectors
 *   184    4   new_level
 *   188    4   delta_disks     signed
 *   192    4   new_layout
 *   196    4   new_chunk       bytes
 *   200    4   logical_block_size (since Linux 6.19)
 *   256    4   layout          md's number for the placement of parity
 *   260    4   chunk_size      bytes
 *   512  27*128 disks          the role of each device number, see {@link Disk}
 *  3968  128   this_disk       the entry of this device
 * </pre>
 */
public final class Superblock090 {
    static final int MINOR_VERSION = 8;
    static final int SET_UUID0 = 20;
    static final int CTIME = 24;
    static final int LEVEL = 28;
    static final int SIZE = 32;
    static final int NR_DISKS = 36;
    static final int RAID_DISKS = 40;
    static final int MD_MINOR = 44;
    static final int SET_UUID1 = 52;
    static final int UTIME = 128;
    static final int STATE = 132;
    static final int ACTIVE_DISKS = 136;
    static final int WORKING_DISKS = 140;
    static final int FAILED_DISKS = 144;
    static final int SPARE_DISKS = 148;
    static final int CHECKSUM = 152;
    static final int EVENTS = 156;
    static final int CP_EVENTS = 164;
    static final int RECOVERY_CP = 172;
    static final int RESHAPE_POSITION = 176;
    static final int NEW_LEVEL = 184;
    static final int DELTA_DISKS = 188;
    static final int NEW_LAYOUT = 192;
    static final int NEW_CHUNK = 196;
    static final int LOGICAL_BLOCK_SIZE = 200;
    static final int LAYOUT = 256;
    static final int CHUNK_SIZE = 260;
    static final int DISKS = 512;
    static final int DISK_BYTES = 128;
    static final int THIS_DISK = 3968;

    /** Entries in the table of devices. */
    public static final int MAX_DISKS = 27;

    static final int CLEAN = 1;
    static final int CLUSTERED = 1 << 5;
    static final int BITMAP_PRESENT = 1 << 8;

    private final ByteBuffer bytes;

    /** Takes ownership of 4096 bytes: the caller must not use the array afterwards. */
    Superblock090(byte[] bytes, ByteOrder order) {
        this.bytes = ByteBuffer.wrap(bytes).order(order);
    }

    /** The byte order of the machine that wrote it. */
    public ByteOrder byteOrder() {
        return bytes.order();
    }

    /**
     * An entry of the table of devices.
     *
     * @param major major number of the device node when the superblock was last written
     * @param minor minor number of that node
     * @param slot the slot; valid only with {@link #SYNC}
     * @param state the bits that are declared here; 0 for a spare
     */
    public record Disk(int number, int major, int minor, int slot, int state) {
        public static final int FAULTY = 1;
        public static final int ACTIVE = 1 << 1;
        public static final int SYNC = 1 << 2;
        public static final int REMOVED = 1 << 3;
        /** Set by Synology's md on a member in sync: see {@link Roles#DISK_ERROR}. */
        public static final int DISK_ERROR = 1 << 6;

        public static final int WRITE_MOSTLY = 1 << 9;
        public static final int FAIL_FAST = 1 << 10;

        /** True if any of these bits is set. */
        public boolean is(int bits) {
            return (state & bits) != 0;
        }
    }

    /** The entry of a device number, from 0 to 26. */
    public Disk disk(int number) {
        return diskAt(DISKS + number * DISK_BYTES);
    }

    /** The entry of the device itself. */
    public Disk thisDisk() {
        return diskAt(THIS_DISK);
    }

    private Disk diskAt(int at) {
        return new Disk(
                bytes.getInt(at),
                bytes.getInt(at + 4),
                bytes.getInt(at + 8),
                bytes.getInt(at + 12),
                bytes.getInt(at + 16));
    }

    /** 90, or 91 during a reshape. */
    public int minorVersion() {
        return bytes.getInt(MINOR_VERSION);
    }

    /** The reshape in progress; empty if there is none. */
    public Optional<ReshapeState> reshape() {
        long position = bytes.getLong(RESHAPE_POSITION);
        if (minorVersion() < 91 || position == -1) {
            return Optional.empty();
        }
        return Optional.of(new ReshapeState(
                position,
                bytes.getInt(NEW_LEVEL),
                bytes.getInt(NEW_LAYOUT),
                unsigned(NEW_CHUNK),
                bytes.getInt(DELTA_DISKS),
                0,
                bytes.getInt(DELTA_DISKS) < 0));
    }

    /** The array's UUID, bytes in stored order. */
    byte[] setUuid() {
        byte[] uuid = new byte[SuperblockLayout.UUID_BYTES];
        bytes.get(SET_UUID0, uuid, 0, 4).get(SET_UUID1, uuid, 4, 12);
        return uuid;
    }

    /** When the array was created, in seconds since 1970. */
    public long ctimeSeconds() {
        return unsigned(CTIME);
    }

    /** When the superblock was last written, in seconds since 1970. */
    public long utimeSeconds() {
        return unsigned(UTIME);
    }

    public int level() {
        return bytes.getInt(LEVEL);
    }

    /** KiB that the array uses of every member. */
    public long usedKib() {
        return unsigned(SIZE);
    }

    /** How many devices the array had, spares included. */
    public int totalDisks() {
        return bytes.getInt(NR_DISKS);
    }

    public int raidDisks() {
        return bytes.getInt(RAID_DISKS);
    }

    /** The number that the md device had. */
    public int preferredMinor() {
        return bytes.getInt(MD_MINOR);
    }

    public boolean clean() {
        return (bytes.getInt(STATE) & CLEAN) != 0;
    }

    public boolean clustered() {
        return (bytes.getInt(STATE) & CLUSTERED) != 0;
    }

    /** True if a write-intent bitmap follows the superblock. */
    public boolean hasBitmap() {
        return (bytes.getInt(STATE) & BITMAP_PRESENT) != 0;
    }

    public int activeDisks() {
        return bytes.getInt(ACTIVE_DISKS);
    }

    public int workingDisks() {
        return bytes.getInt(WORKING_DISKS);
    }

    public int failedDisks() {
        return bytes.getInt(FAILED_DISKS);
    }

    public int spareDisks() {
        return bytes.getInt(SPARE_DISKS);
    }

    public int checksum() {
        return bytes.getInt(CHECKSUM);
    }

    /** The checksum as md computes it now; {@link #checksumFits} tells whether a different stored one is accepted. */
    public int expectedChecksum() {
        long sum = -Integer.toUnsignedLong(checksum());
        for (int at = 0; at < SuperblockLayout.READ_BYTES; at += 4) {
            sum += unsigned(at);
        }
        return (int) (sum + (sum >>> 32));
    }

    /**
     * True if the checksum is correct by md's rule (Linux {@code super_90_load}): the stored and the computed sum, each
     * folded to 16 bits, are equal. Older kernels used the processor's routine for network checksums, whose 32-bit
     * results differ between processor types.
     */
    public boolean checksumFits() {
        return folded(checksum()) == folded(expectedChecksum());
    }

    private static int folded(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    public long events() {
        return bytes.getLong(EVENTS);
    }

    /**
     * How far parity is correct, by md's rule ({@code super_90_validate}): {@link Superblock#IN_SYNC}, 0 (dirty), or
     * the member sector that a resync has reached.
     */
    public long resyncOffsetSectors() {
        if (clean()) {
            return Superblock.IN_SYNC;
        }
        return bytes.getLong(CP_EVENTS) == events() ? unsigned(RECOVERY_CP) : 0;
    }

    /** md's layout number. */
    public int layout() {
        return bytes.getInt(LAYOUT);
    }

    public long chunkBytes() {
        return unsigned(CHUNK_SIZE);
    }

    int logicalBlockBytes() {
        return bytes.getInt(LOGICAL_BLOCK_SIZE);
    }

    private long unsigned(int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }
}
