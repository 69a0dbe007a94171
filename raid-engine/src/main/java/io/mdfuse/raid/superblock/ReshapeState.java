package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A reshape that is under way, as the superblocks record it. The fields of the array that {@link Superblock} gives are
 * those of before the reshape, but for the number of slots, which is the one after it.
 *
 * @param positionSectors how far it has come, in sectors of the array
 * @param newChunkBytes the chunk after it
 * @param deltaDisks slots that it adds; negative for slots that it takes away
 * @param newOffsetSectors what the data's place moves by on this device; 0 if the data stays
 */
public record ReshapeState(
        long positionSectors, int newLevel, int newLayout, long newChunkBytes, int deltaDisks, int newOffsetSectors) {

    /** The reshape that a superblock of version 1 records (md feature 4); empty if none is under way. */
    public static Optional<ReshapeState> of(Superblock superblock) {
        if (!superblock.hasFeature(Features.RESHAPE_ACTIVE)) {
            return Optional.empty();
        }
        ByteBuffer page = ByteBuffer.wrap(superblock.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        boolean moves = superblock.hasFeature(Features.NEW_OFFSET);
        return Optional.of(new ReshapeState(
                page.getLong(SuperblockLayout.RESHAPE_POSITION),
                page.getInt(SuperblockLayout.NEW_LEVEL),
                page.getInt(SuperblockLayout.NEW_LAYOUT),
                Sectors.toBytes(Integer.toUnsignedLong(page.getInt(SuperblockLayout.NEW_CHUNK))),
                page.getInt(SuperblockLayout.DELTA_DISKS),
                moves ? page.getInt(SuperblockLayout.NEW_OFFSET) : 0));
    }
}
