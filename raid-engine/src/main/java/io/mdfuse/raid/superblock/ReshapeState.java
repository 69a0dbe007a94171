package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A reshape in progress, as the superblocks record it. The array's fields in {@link Superblock} are those before the
 * reshape, except the number of slots, which is that after it.
 *
 * @param positionSectors how far the reshape has come, in array sectors
 * @param newChunkBytes the chunk size after the reshape
 * @param deltaDisks how many slots the reshape adds; negative if it removes slots
 * @param newOffsetSectors by how much the start of the data moves on this device; 0 if it does not move
 */
public record ReshapeState(
        long positionSectors, int newLevel, int newLayout, long newChunkBytes, int deltaDisks, int newOffsetSectors) {

    /** The reshape that a superblock of version 1 records (md feature 4); empty if there is none. */
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
