package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;

/**
 * The offset of each field of md's version-1 superblock ({@code struct mdp_superblock_1} in Linux
 * {@code include/uapi/linux/raid/md_p.h}). All integers are little-endian; a sector is 512 bytes.
 *
 * <pre>
 *   off  size  field               meaning
 *  0x00    4   magic               0xa92b4efc
 *  0x04    4   major_version       1
 *  0x08    4   feature_map         see {@link Features}
 *  0x0c    4   pad0                0
 *  0x10   16   set_uuid            the array; also the seed of the checksums of journal and PPL
 *  0x20   32   set_name            "host:name", padded with NUL
 *  0x40    8   ctime               bits 0..39 seconds, bits 40..63 microseconds
 *  0x48    4   level               signed: 4, 5 and 6 are served
 *  0x4c    4   layout              md's number for the placement of parity
 *  0x50    8   size                sectors used of every member
 *  0x58    4   chunksize           sectors
 *  0x5c    4   raid_disks          slots
 *  0x60    4   bitmap_offset       signed sectors from the superblock (feature 1)
 *  0x60    2   ppl.offset          signed sectors from the superblock (feature 1024 or 2048)
 *  0x62    2   ppl.size            sectors
 *  0x64    4   new_level           0x64..0x7f: only while a reshape is under way (feature 4)
 *  0x68    8   reshape_position
 *  0x70    4   delta_disks
 *  0x74    4   new_layout
 *  0x78    4   new_chunk
 *  0x7c    4   new_offset
 *  0x80    8   data_offset         first sector of data on this device
 *  0x88    8   data_size           sectors that can hold data on this device
 *  0x90    8   super_offset        the sector at which this superblock lies
 *  0x98    8   recovery_offset     a member: sectors that are rebuilt (feature 2)
 *  0x98    8   journal_tail        the journal device, same place: sectors from data_offset
 *  0xa0    4   dev_number          index into dev_roles; not the slot
 *  0xa4    4   cnt_corrected_read
 *  0xa8   16   device_uuid
 *  0xb8    1   devflags            1 write-mostly, 2 fail-fast
 *  0xb9    1   bblog_shift
 *  0xba    2   bblog_size          sectors
 *  0xbc    4   bblog_offset        signed sectors from the superblock
 *  0xc0    8   utime               seconds
 *  0xc8    8   events
 *  0xd0    8   resync_offset       parity is correct below this sector; all ones: everywhere, 0: dirty
 *  0xd8    4   sb_csum             see {@link SuperblockChecksum}
 *  0xdc    4   max_dev             entries of dev_roles, at most 1920
 *  0xe0    4   logical_block_size  bytes, since Linux 6.19; 0: created by an older md
 *  0xe4   28   pad3                0
 * 0x100  2*n   dev_roles           see {@link Roles}
 * </pre>
 */
public final class SuperblockLayout {
    public static final int MAGIC = 0x00;
    public static final int MAJOR_VERSION = 0x04;
    public static final int FEATURE_MAP = 0x08;
    public static final int PAD0 = 0x0c;
    public static final int SET_UUID = 0x10;
    public static final int SET_NAME = 0x20;
    public static final int CTIME = 0x40;
    public static final int LEVEL = 0x48;
    public static final int LAYOUT = 0x4c;
    public static final int SIZE = 0x50;
    public static final int CHUNK_SIZE = 0x58;
    public static final int RAID_DISKS = 0x5c;
    public static final int BITMAP_OFFSET = 0x60;
    public static final int PPL_OFFSET = 0x60;
    public static final int PPL_SIZE = 0x62;
    public static final int NEW_LEVEL = 0x64;
    public static final int RESHAPE_POSITION = 0x68;
    public static final int DELTA_DISKS = 0x70;
    public static final int NEW_LAYOUT = 0x74;
    public static final int NEW_CHUNK = 0x78;
    public static final int NEW_OFFSET = 0x7c;
    public static final int DATA_OFFSET = 0x80;
    public static final int DATA_SIZE = 0x88;
    public static final int SUPER_OFFSET = 0x90;
    public static final int RECOVERY_OFFSET = 0x98;
    public static final int JOURNAL_TAIL = 0x98;
    public static final int DEV_NUMBER = 0xa0;
    public static final int CORRECTED_READS = 0xa4;
    public static final int DEVICE_UUID = 0xa8;
    public static final int DEV_FLAGS = 0xb8;
    public static final int BBLOG_SHIFT = 0xb9;
    public static final int BBLOG_SIZE = 0xba;
    public static final int BBLOG_OFFSET = 0xbc;
    public static final int UTIME = 0xc0;
    public static final int EVENTS = 0xc8;
    public static final int RESYNC_OFFSET = 0xd0;
    public static final int CHECKSUM = 0xd8;
    public static final int MAX_DEV = 0xdc;
    public static final int LOGICAL_BLOCK_SIZE = 0xe0;
    public static final int PAD3 = 0xe4;
    public static final int PAD3_BYTES = 28;

    /**
     * Only in a page that {@link Metadata090} translated, which is never written: md_minor of metadata 0.90, at a place
     * that version 1 leaves unused.
     */
    static final int TRANSLATED_MINOR = PAD3;

    public static final int DEV_ROLES = 0x100;

    public static final int UUID_BYTES = 16;
    public static final int NAME_BYTES = 32;

    /** How many bytes md reads, whatever max_dev is. */
    public static final int READ_BYTES = 4096;

    /** The most entries of dev_roles that fit in {@link #READ_BYTES}. */
    public static final int MAX_DEVICES = (READ_BYTES - DEV_ROLES) / 2;

    public static final int MAGIC_VALUE = 0xa92b4efc;
    public static final int MAJOR_VERSION_VALUE = 1;

    private SuperblockLayout() {}

    /**
     * How many bytes md writes of a superblock (Linux super_1_sync): the fixed part and the role table, rounded up to
     * whole pieces.
     *
     * @param maxDev entries of the role table, from 0 to {@link #MAX_DEVICES}
     * @param pieceBytes the array's logical block size, or 512 if none is recorded
     */
    public static int writtenBytes(int maxDev, int pieceBytes) {
        return (int) Sectors.roundUp(DEV_ROLES + 2L * maxDev, pieceBytes);
    }
}
