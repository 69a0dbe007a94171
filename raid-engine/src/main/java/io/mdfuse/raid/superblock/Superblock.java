package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One device's superblock: an immutable, typed view of its 4096 bytes. Bytes that have no accessor here are kept
 * as they were found, so that rewriting a superblock never loses what a newer or older md put there.
 *
 * <p>Instances come from {@link SuperblockCodec#decode} (read) and {@link #edit} (changed); both have a right
 * checksum. Offsets and sizes are in 512-byte sectors. Fields are described in {@link SuperblockLayout}.
 */
public final class Superblock {
    /** The resync offset of an array whose parity is right everywhere (md's MaxSector). */
    public static final long IN_SYNC = -1L;

    /** Synology's resync offset of an array in use: as a number it would be larger than any device. */
    private static final long LEFT_IN_USE = -2L;

    private final MetadataVersion version;
    private final ByteOrder byteOrder;
    private final ByteBuffer bytes;

    /** Takes over {@code bytes}, which nobody else may keep. */
    Superblock(MetadataVersion version, byte[] bytes) {
        this(version, bytes, ByteOrder.LITTLE_ENDIAN);
    }

    /** The same for one that says what a superblock of metadata 0.90 says, which has the byte order of its machine. */
    Superblock(MetadataVersion version, byte[] bytes, ByteOrder byteOrder) {
        this.version = version;
        this.byteOrder = byteOrder;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The superblock that an editor has set up, with its checksum. The editor must not be used afterwards. */
    public static Superblock of(SuperblockEditor editor) {
        return new Superblock(editor.version(), editor.finish());
    }

    /** A changed copy, checksummed anew. */
    public Superblock edit(Consumer<SuperblockEditor> change) {
        SuperblockEditor editor = new SuperblockEditor(version, toBytes());
        change.accept(editor);
        return new Superblock(version, editor.finish(), byteOrder);
    }

    /** A copy of all 4096 bytes. */
    public byte[] toBytes() {
        return bytes.array().clone();
    }

    /** How many of the bytes md writes, in whole pieces; what follows may belong to a bitmap. */
    public int writtenBytes() {
        return SuperblockLayout.writtenBytes(maxDev(), pieceBytes());
    }

    /** The array's logical block size in bytes, as Linux 6.19 and later record it; 0 where none was recorded. */
    public int logicalBlockBytes() {
        return bytes.getInt(LOGICAL_BLOCK_SIZE);
    }

    /**
     * In pieces of so many bytes superblock and bitmap are written: the logical block, or a sector where none is
     * recorded.
     */
    public int pieceBytes() {
        return Math.max(logicalBlockBytes(), Sectors.BYTES);
    }

    /** Where it was found. */
    public MetadataVersion metadataVersion() {
        return version;
    }

    /** The byte order in which it is stored: little-endian, but for metadata 0.90 of a big-endian machine. */
    public ByteOrder byteOrder() {
        return byteOrder;
    }

    public int featureMap() {
        return bytes.getInt(FEATURE_MAP);
    }

    /** True where any of the bits of {@link Features} is set. */
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

    /** Seconds since 1970. */
    public long ctimeSeconds() {
        return bytes.getLong(CTIME) & 0xff_ffff_ffffL;
    }

    /** Seconds since 1970. */
    public long utimeSeconds() {
        return bytes.getLong(UTIME) & 0xff_ffff_ffffL;
    }

    public int level() {
        return bytes.getInt(LEVEL);
    }

    /** md's layout number. */
    public int layout() {
        return bytes.getInt(LAYOUT);
    }

    /** Sectors used of every member. */
    public long usedSectors() {
        return bytes.getLong(SIZE);
    }

    public int chunkSectors() {
        return bytes.getInt(CHUNK_SIZE);
    }

    public int raidDisks() {
        return bytes.getInt(RAID_DISKS);
    }

    /** Signed, from the superblock; means something only with {@link Features#BITMAP}. */
    public int bitmapOffsetSectors() {
        return bytes.getInt(BITMAP_OFFSET);
    }

    /** Signed, from the superblock; means something only with {@link Features#ANY_PPL}. */
    public int pplOffsetSectors() {
        return bytes.getShort(PPL_OFFSET);
    }

    public int pplSizeSectors() {
        return Short.toUnsignedInt(bytes.getShort(PPL_SIZE));
    }

    public long dataOffsetSectors() {
        return bytes.getLong(DATA_OFFSET);
    }

    /** Sectors of this device that can hold data; at least {@link #usedSectors()} for a member. */
    public long dataSizeSectors() {
        return bytes.getLong(DATA_SIZE);
    }

    /** How many of the sectors that can hold data are there on a device of this size. */
    public long roomSectors(long deviceSectors) {
        boolean dataLast = version == MetadataVersion.V1_1 || version == MetadataVersion.V1_2;
        long room = deviceSectors - dataOffsetSectors();
        return dataLast ? Math.clamp(room, 0, dataSizeSectors()) : dataSizeSectors();
    }

    public long superOffsetSectors() {
        return bytes.getLong(SUPER_OFFSET);
    }

    /** How much of this member is rebuilt; means something only with {@link Features#RECOVERY_OFFSET}. */
    public long recoveryOffsetSectors() {
        return bytes.getLong(RECOVERY_OFFSET);
    }

    /**
     * How much of the slot's content the device holds by its own superblock: none if it does not know of the slot.
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

    /** Where recovery starts, from {@link #dataOffsetSectors()}; means something only on the journal device. */
    public long journalTailSector() {
        return bytes.getLong(JOURNAL_TAIL);
    }

    /** Index of this device into the role table. */
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

    /** 0 where there is no bad-block log. */
    public int badBlockLogSectors() {
        return Short.toUnsignedInt(bytes.getShort(BBLOG_SIZE));
    }

    /** Signed, from the superblock. */
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

    /** The number behind {@link #resyncOffset}; 0 also for Synology's mark {@link #leftInUse}. */
    public long resyncOffsetSectors() {
        return leftInUse() ? 0 : bytes.getLong(RESYNC_OFFSET);
    }

    /**
     * True if Synology's md was using the array, whose parity had been right everywhere, and did not stop it. It is
     * dirty as any other array that was not stopped.
     */
    public boolean leftInUse() {
        return bytes.getLong(RESYNC_OFFSET) == LEFT_IN_USE;
    }

    /** The checksum that it should have; for metadata 0.90 {@link Superblock090#expectedChecksum} tells. */
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
     * The role of a device number; {@link Roles#SPARE} for a number outside the table, as md has it. Synology's mark
     * over a slot is left out: see {@link #hasDiskError}.
     */
    public int role(int deviceNumber) {
        int role = tableRole(deviceNumber);
        int marked = Roles.slotWithDiskError(role, raidDisks());
        return marked < 0 ? role : marked;
    }

    /** True if the number's slot has Synology's mark, {@link Roles#DISK_ERROR}. */
    public boolean hasDiskError(int deviceNumber) {
        return Roles.slotWithDiskError(tableRole(deviceNumber), raidDisks()) >= 0;
    }

    /** The value in the role table as it is. */
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
