package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One device's superblock: an immutable, typed view of its 4096 bytes. Bytes without an accessor here are kept as they
 * were found, so that rewriting a superblock never loses a field that another version of md stored.
 *
 * <p>Instances come from {@link SuperblockCodec#decode} (read from a device), {@link #edit} (a changed copy) and
 * {@link #of} (new); all of them have a correct checksum. Offsets and sizes are in 512-byte sectors unless a name ends
 * in another unit. The fields, with their names in md's {@code struct mdp_superblock_1}, are described in
 * {@link SuperblockLayout}.
 */
public final class Superblock {
    /** The resync offset of an array whose parity is correct everywhere (md's MaxSector). */
    public static final long IN_SYNC = -1L;

    /** Synology's resync offset of an array in use: as a number it would be larger than any device. */
    private static final long LEFT_IN_USE = -2L;

    private final MetadataVersion version;
    private final ByteOrder byteOrder;
    private final ByteBuffer bytes;

    /** Takes ownership of {@code bytes}: the caller must not use the array afterwards. */
    Superblock(MetadataVersion version, byte[] bytes) {
        this(version, bytes, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * For a superblock that was translated from metadata 0.90, which is stored in the byte order of the machine that
     * wrote it.
     */
    Superblock(MetadataVersion version, byte[] bytes, ByteOrder byteOrder) {
        this.version = version;
        this.byteOrder = byteOrder;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The superblock that an editor has set up, with its checksum. The editor must not be used afterwards. */
    public static Superblock of(SuperblockEditor editor) {
        return new Superblock(editor.version(), editor.finish());
    }

    /** A changed copy with a new checksum. */
    public Superblock edit(Consumer<SuperblockEditor> change) {
        SuperblockEditor editor = new SuperblockEditor(version, toBytes());
        change.accept(editor);
        return new Superblock(version, editor.finish(), byteOrder);
    }

    /**
     * The number N of the node /dev/mdN that the array had last ({@code md_minor}): metadata 0.90 has it in place of a
     * name. Empty for version 1.
     */
    public OptionalInt preferredMinor() {
        return version == MetadataVersion.V0_90 ? OptionalInt.of(bytes.getInt(TRANSLATED_MINOR)) : OptionalInt.empty();
    }

    /** A copy of all 4096 bytes. */
    public byte[] toBytes() {
        return bytes.array().clone();
    }

    /**
     * How many of the 4096 bytes md writes, a multiple of {@link #pieceBytes}. The bytes that follow may belong to the
     * bitmap.
     */
    public int writtenBytes() {
        return SuperblockLayout.writtenBytes(maxDev(), pieceBytes());
    }

    /**
     * The array's logical block size in bytes ({@code logical_block_size}, Linux 6.19 and later); 0 if none is
     * recorded.
     */
    public int logicalBlockBytes() {
        return bytes.getInt(LOGICAL_BLOCK_SIZE);
    }

    /**
     * The unit in bytes in which superblock and bitmap are written: the logical block size, or one sector if none is
     * recorded.
     */
    public int pieceBytes() {
        return Math.max(logicalBlockBytes(), Sectors.BYTES);
    }

    /** The metadata version: the position at which it was found, and its format. */
    public MetadataVersion metadataVersion() {
        return version;
    }

    /** The byte order in which it is stored: little-endian, except metadata 0.90 of a big-endian machine. */
    public ByteOrder byteOrder() {
        return byteOrder;
    }

    public int featureMap() {
        return bytes.getInt(FEATURE_MAP);
    }

    /** True if any of these bits of {@link Features} is set. */
    public boolean hasFeature(int bits) {
        return (featureMap() & bits) != 0;
    }

    public byte[] setUuid() {
        return copy(SET_UUID, UUID_BYTES);
    }

    /** The array's identity as mdadm prints it. */
    public String setUuidText() {
        boolean littleEndianWords = version == MetadataVersion.V0_90 && byteOrder == ByteOrder.LITTLE_ENDIAN;
        return littleEndianWords ? MdUuid.formatWords(setUuid()) : MdUuid.format(setUuid());
    }

    /** The array's name, usually {@code host:name}. */
    public String setName() {
        byte[] name = copy(SET_NAME, NAME_BYTES);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    /** When the array was created, in seconds since 1970. */
    public long ctimeSeconds() {
        return bytes.getLong(CTIME) & 0xff_ffff_ffffL;
    }

    /** When the superblock was last written, in seconds since 1970. */
    public long utimeSeconds() {
        return bytes.getLong(UTIME) & 0xff_ffff_ffffL;
    }

    public int level() {
        return bytes.getInt(LEVEL);
    }

    /** md's layout number; which slots it stands for depends on the level. */
    public int layout() {
        return bytes.getInt(LAYOUT);
    }

    /** Sectors that the array uses of every member ({@code size}). */
    public long usedSectors() {
        return bytes.getLong(SIZE);
    }

    public int chunkSectors() {
        return bytes.getInt(CHUNK_SIZE);
    }

    public int raidDisks() {
        return bytes.getInt(RAID_DISKS);
    }

    /**
     * Sectors from the superblock to the bitmap, negative if the bitmap is in front; valid only with
     * {@link Features#BITMAP}.
     */
    public int bitmapOffsetSectors() {
        return bytes.getInt(BITMAP_OFFSET);
    }

    /**
     * Sectors from the superblock to the partial parity log, negative if the log is in front; valid only with
     * {@link Features#ANY_PPL}.
     */
    public int pplOffsetSectors() {
        return bytes.getShort(PPL_OFFSET);
    }

    public int pplSizeSectors() {
        return Short.toUnsignedInt(bytes.getShort(PPL_SIZE));
    }

    public long dataOffsetSectors() {
        return bytes.getLong(DATA_OFFSET);
    }

    /** Sectors of this device that can hold data ({@code data_size}); at least {@link #usedSectors()} for a member. */
    public long dataSizeSectors() {
        return bytes.getLong(DATA_SIZE);
    }

    /**
     * How many of the {@link #dataSizeSectors} exist on a device of this size: fewer if the device is shorter than its
     * superblock says and the data follows the superblock.
     */
    public long roomSectors(long deviceSectors) {
        boolean dataLast = version == MetadataVersion.V1_1 || version == MetadataVersion.V1_2;
        long room = deviceSectors - dataOffsetSectors();
        return dataLast ? Math.clamp(room, 0, dataSizeSectors()) : dataSizeSectors();
    }

    public long superOffsetSectors() {
        return bytes.getLong(SUPER_OFFSET);
    }

    /** How many sectors of this member are rebuilt; valid only with {@link Features#RECOVERY_OFFSET}. */
    public long recoveryOffsetSectors() {
        return bytes.getLong(RECOVERY_OFFSET);
    }

    /**
     * How much of the slot's content the device holds according to its own superblock: none if that gives it another
     * role. Rounded down to whole blocks.
     *
     * @param usedSectors the size of each member, from the array's freshest superblock
     */
    public RecoveryPosition recoveryPosition(int slot, long usedSectors) {
        if (ownRole() != slot) {
            return RecoveryPosition.none();
        }
        boolean partial =
                hasFeature(Features.RECOVERY_OFFSET) && Long.compareUnsigned(recoveryOffsetSectors(), usedSectors) < 0;
        return partial ? RecoveryPosition.at(recoveryOffsetSectors() & -8L) : RecoveryPosition.inSync();
    }

    /**
     * The log position where recovery starts, in sectors from {@link #dataOffsetSectors()}; valid only on the journal
     * device.
     */
    public long journalTailSector() {
        return bytes.getLong(JOURNAL_TAIL);
    }

    /** This device's index into the role table; not its slot. */
    public int deviceNumber() {
        return bytes.getInt(DEV_NUMBER);
    }

    public byte[] deviceUuid() {
        return copy(DEVICE_UUID, UUID_BYTES);
    }

    public String deviceUuidText() {
        return MdUuid.format(deviceUuid());
    }

    public int deviceFlags() {
        return Byte.toUnsignedInt(bytes.get(DEV_FLAGS));
    }

    public int badBlockShift() {
        return Byte.toUnsignedInt(bytes.get(BBLOG_SHIFT));
    }

    /** The size of the bad-block log; 0 if the device has none. */
    public int badBlockLogSectors() {
        return Short.toUnsignedInt(bytes.getShort(BBLOG_SIZE));
    }

    /** Sectors from the superblock to the bad-block log, negative if the log is in front. */
    public int badBlockLogOffsetSectors() {
        return bytes.getInt(BBLOG_OFFSET);
    }

    public long events() {
        return bytes.getLong(EVENTS);
    }

    /** How far the parity of the array is known to be correct. */
    public ResyncOffset resyncOffset() {
        return ResyncOffset.ofStored(resyncOffsetSectors());
    }

    /** {@link #resyncOffset} as the stored number; 0 also if the array was {@link #leftInUse}. */
    public long resyncOffsetSectors() {
        return leftInUse() ? 0 : bytes.getLong(RESYNC_OFFSET);
    }

    /**
     * True if Synology's md was using the array, whose parity was correct everywhere before, and did not stop it. Such
     * an array is dirty, like any other that was not stopped.
     */
    public boolean leftInUse() {
        return bytes.getLong(RESYNC_OFFSET) == LEFT_IN_USE;
    }

    /** The checksum that it should have. For metadata 0.90 see {@link Superblock090#expectedChecksum} instead. */
    public int expectedChecksum() {
        return SuperblockChecksum.of(toBytes());
    }

    public int checksum() {
        return bytes.getInt(CHECKSUM);
    }

    public int maxDev() {
        return bytes.getInt(MAX_DEV);
    }

    /**
     * The role of a device number; {@link Roles#SPARE} for a number outside the table, as in md
     * ({@code super_1_validate}). Synology's mark on a slot is removed from the value: see {@link #hasDiskError}.
     */
    public int role(int deviceNumber) {
        int role = tableRole(deviceNumber);
        int marked = Roles.slotWithDiskError(role, raidDisks());
        return marked < 0 ? role : marked;
    }

    /** True if the role of this number is a slot with Synology's mark, {@link Roles#DISK_ERROR}. */
    public boolean hasDiskError(int deviceNumber) {
        return Roles.slotWithDiskError(tableRole(deviceNumber), raidDisks()) >= 0;
    }

    /** The value in the role table, with Synology's mark if it has one. */
    public int tableRole(int deviceNumber) {
        boolean inTable = deviceNumber >= 0 && deviceNumber < maxDev();
        return inTable ? Short.toUnsignedInt(bytes.getShort(DEV_ROLES + 2 * deviceNumber)) : Roles.SPARE;
    }

    /** The role that this superblock gives to its own device. */
    public int ownRole() {
        return role(deviceNumber());
    }

    private byte[] copy(int offset, int length) {
        return Arrays.copyOfRange(bytes.array(), offset, offset + length);
    }
}
