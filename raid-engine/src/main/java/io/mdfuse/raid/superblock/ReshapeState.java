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
 * @param backwards true if the position moves from the end of the array to its start
 */
public record ReshapeState(
        long positionSectors,
        int newLevel,
        int newLayout,
        long newChunkBytes,
        int deltaDisks,
        int newOffsetSectors,
        boolean backwards) {

    /** How many slots the array had before, if it has {@code raidDisks} after the reshape. */
    public long disksBefore(int raidDisks) {
        return (long) raidDisks - deltaDisks;
    }

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
                moves ? page.getInt(SuperblockLayout.NEW_OFFSET) : 0,
                backwards(superblock, page.getInt(SuperblockLayout.DELTA_DISKS))));
    }

    /** Stores the fields; {@link Features#RESHAPE_ACTIVE} and the flags beside it are the caller's. */
    public void store(SuperblockEditor editor) {
        int newChunkSectors = (int) (newChunkBytes / Sectors.BYTES);
        editor.reshape(positionSectors, newLevel, newLayout, newChunkSectors, deltaDisks, newOffsetSectors);
    }

    /** How many slots have a role: the larger of the numbers before and after a reshape in progress. */
    static int slotCount(Superblock superblock) {
        int raidDisks = superblock.raidDisks();
        return (int) Math.max(
                raidDisks,
                of(superblock).map(reshape -> reshape.disksBefore(raidDisks)).orElse(0L));
    }

    /** As in Linux {@code super_1_validate}: a reshape that removes slots runs backwards without the flag. */
    private static boolean backwards(Superblock superblock, int deltaDisks) {
        return deltaDisks < 0 || (deltaDisks == 0 && superblock.hasFeature(Features.RESHAPE_BACKWARDS));
    }
}
