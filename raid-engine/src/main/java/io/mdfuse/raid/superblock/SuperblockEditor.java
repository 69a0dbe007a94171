package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Changes a superblock: setters over a private copy of its bytes. It lives apart from {@link Superblock} so that a
 * superblock to which other objects have a reference can never change.
 *
 * <p>Units and meanings are those of the accessors in {@link Superblock}. A setter checks only that a value fits its
 * field; {@link SuperblockCodec#decode} checks the whole when the superblock is read again.
 */
public final class SuperblockEditor {
    private final MetadataVersion version;
    private final ByteBuffer bytes;

    SuperblockEditor(MetadataVersion version, byte[] bytes) {
        this.version = version;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * An editor over a new superblock: magic and version are set, every device number is a spare, all other fields are
     * zero.
     */
    public static SuperblockEditor blank(MetadataVersion version, int maxDev) {
        SuperblockEditor editor = new SuperblockEditor(version, new byte[READ_BYTES]);
        editor.bytes.putInt(MAGIC, MAGIC_VALUE).putInt(MAJOR_VERSION, MAJOR_VERSION_VALUE);
        editor.bytes.putInt(MAX_DEV, maxDev);
        for (int number = 0; number < maxDev; number++) {
            editor.role(number, Roles.SPARE);
        }
        return editor;
    }

    /** The metadata version, which is also the position at which the superblock is to be stored. */
    MetadataVersion version() {
        return version;
    }

    /**
     * The bytes as they are now, with their checksum. This is the editor's own array, so the editor must not be used
     * afterwards. {@link Superblock#of} makes a superblock of it.
     */
    byte[] finish() {
        bytes.putInt(CHECKSUM, SuperblockChecksum.of(bytes.array()));
        return bytes.array();
    }

    public SuperblockEditor featureMap(int bits) {
        bytes.putInt(FEATURE_MAP, bits);
        return this;
    }

    public SuperblockEditor setUuid(byte[] uuid) {
        return put(SET_UUID, UUID_BYTES, uuid);
    }

    /**
     * Sets the array's name.
     *
     * @throws IllegalArgumentException if it is longer than 32 bytes of UTF-8
     */
    public SuperblockEditor setName(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] field = new byte[NAME_BYTES];
        if (text.length > NAME_BYTES) {
            throw new IllegalArgumentException("an array's name has at most 32 bytes: " + name);
        }
        System.arraycopy(text, 0, field, 0, text.length);
        return put(SET_NAME, NAME_BYTES, field);
    }

    public SuperblockEditor ctimeSeconds(long seconds) {
        bytes.putLong(CTIME, seconds);
        return this;
    }

    public SuperblockEditor utimeSeconds(long seconds) {
        bytes.putLong(UTIME, seconds);
        return this;
    }

    public SuperblockEditor level(int level) {
        bytes.putInt(LEVEL, level);
        return this;
    }

    public SuperblockEditor layout(int mdNumber) {
        bytes.putInt(LAYOUT, mdNumber);
        return this;
    }

    public SuperblockEditor usedSectors(long sectors) {
        bytes.putLong(SIZE, sectors);
        return this;
    }

    public SuperblockEditor chunkSectors(int sectors) {
        bytes.putInt(CHUNK_SIZE, sectors);
        return this;
    }

    /** 0 for none, or a power of two from 512 to 4096. */
    public SuperblockEditor logicalBlockBytes(int blockBytes) {
        bytes.putInt(LOGICAL_BLOCK_SIZE, blockBytes);
        return this;
    }

    public SuperblockEditor raidDisks(int slots) {
        bytes.putInt(RAID_DISKS, slots);
        return this;
    }

    /** For a superblock that is translated from metadata 0.90. */
    SuperblockEditor preferredMinor(int minor) {
        bytes.putInt(TRANSLATED_MINOR, minor);
        return this;
    }

    /** The fields of a reshape; {@link ReshapeState#store} has them with their meanings. */
    SuperblockEditor reshape(
            long positionSectors, int newLevel, int newLayout, int newChunkSectors, int deltaDisks, int newOffset) {
        bytes.putLong(RESHAPE_POSITION, positionSectors).putInt(NEW_LEVEL, newLevel);
        bytes.putInt(NEW_LAYOUT, newLayout).putInt(NEW_CHUNK, newChunkSectors);
        bytes.putInt(DELTA_DISKS, deltaDisks).putInt(NEW_OFFSET, newOffset);
        return this;
    }

    public SuperblockEditor bitmapOffsetSectors(int sectors) {
        bytes.putInt(BITMAP_OFFSET, sectors);
        return this;
    }

    public SuperblockEditor ppl(int offsetSectors, int sizeSectors) {
        bytes.putShort(PPL_OFFSET, (short) offsetSectors).putShort(PPL_SIZE, (short) sizeSectors);
        return this;
    }

    public SuperblockEditor data(long offsetSectors, long sizeSectors) {
        bytes.putLong(DATA_OFFSET, offsetSectors).putLong(DATA_SIZE, sizeSectors);
        return this;
    }

    public SuperblockEditor superOffsetSectors(long sectors) {
        bytes.putLong(SUPER_OFFSET, sectors);
        return this;
    }

    public SuperblockEditor recoveryOffsetSectors(long sectors) {
        bytes.putLong(RECOVERY_OFFSET, sectors);
        return this;
    }

    public SuperblockEditor journalTailSector(long sector) {
        bytes.putLong(JOURNAL_TAIL, sector);
        return this;
    }

    public SuperblockEditor deviceNumber(int number) {
        bytes.putInt(DEV_NUMBER, number);
        return this;
    }

    public SuperblockEditor deviceUuid(byte[] uuid) {
        return put(DEVICE_UUID, UUID_BYTES, uuid);
    }

    /** 1 write-mostly, 2 failfast. */
    public SuperblockEditor deviceFlags(int flags) {
        bytes.put(DEV_FLAGS, (byte) flags);
        return this;
    }

    public SuperblockEditor badBlockLog(int shift, int sizeSectors, int offsetSectors) {
        bytes.put(BBLOG_SHIFT, (byte) shift).putShort(BBLOG_SIZE, (short) sizeSectors);
        bytes.putInt(BBLOG_OFFSET, offsetSectors);
        return this;
    }

    public SuperblockEditor events(long events) {
        bytes.putLong(EVENTS, events);
        return this;
    }

    public SuperblockEditor resyncOffsetSectors(long sectors) {
        bytes.putLong(RESYNC_OFFSET, sectors);
        return this;
    }

    /**
     * Gives a role to a device number.
     *
     * @throws IndexOutOfBoundsException if the number is outside the role table
     */
    public SuperblockEditor role(int deviceNumber, int role) {
        bytes.putShort(DEV_ROLES + 2 * Objects.checkIndex(deviceNumber, bytes.getInt(MAX_DEV)), (short) role);
        return this;
    }

    private SuperblockEditor put(int offset, int length, byte[] value) {
        if (value.length != length) {
            throw new IllegalArgumentException("this field has " + length + " bytes, not " + value.length);
        }
        bytes.put(offset, value);
        return this;
    }
}
