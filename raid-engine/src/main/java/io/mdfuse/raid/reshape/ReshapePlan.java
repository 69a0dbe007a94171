package io.mdfuse.raid.reshape;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ReshapeState;
import io.mdfuse.raid.superblock.Superblock;
import java.util.Optional;

/**
 * A reshape that was stopped, or cut short: the two shapes of the array, and which of them holds each array sector. All
 * numbers are md's (Linux drivers/md/raid5.c, {@code ahead_of_reshape}, {@code raid5_size}).
 *
 * <pre>
 *   forwards    array sectors below the position lie in the new shape, all others in the old one
 *   backwards   array sectors below the position lie in the old shape, all others in the new one
 * </pre>
 *
 * The position is one that md has recorded: everything on the new side of it was copied and flushed before, and nothing
 * on the old side was overwritten, as long as the two shapes keep their distance on the members ({@link #needsBackup}).
 *
 * @param before the shape before the reshape
 * @param after the shape after it
 * @param positionSectors an array sector
 */
public record ReshapePlan(ArrayGeometry before, ArrayGeometry after, long positionSectors, boolean backwards) {
    /**
     * The reshape that a superblock records; empty if it records none.
     *
     * @throws ArrayRefusedException if one of the shapes is not served
     */
    public static Optional<ReshapePlan> of(Superblock superblock) throws ArrayRefusedException {
        Optional<ReshapeState> found = ReshapeState.of(superblock);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ReshapeState reshape = found.get();
        int level = superblock.level();
        ArrayGeometry before = shape(
                level,
                superblock.layout(),
                (int) reshape.disksBefore(superblock.raidDisks()),
                superblock.chunkSectors(),
                superblock.usedSectors());
        ArrayGeometry after = shape(
                level,
                reshape.newLayout(),
                superblock.raidDisks(),
                (int) (reshape.newChunkBytes() / Sectors.BYTES),
                superblock.usedSectors());
        long lastSector = Math.max(before.arraySectors(), after.arraySectors());
        return Optional.of(
                new ReshapePlan(before, after, Math.min(lastSector, reshape.positionSectors()), reshape.backwards()));
    }

    private static ArrayGeometry shape(int level, int layout, int disks, int chunkSectors, long memberSectors)
            throws ArrayRefusedException {
        Optional<ParityLayout> known = ParityLayout.of(level, layout);
        if (known.isEmpty() || (level == 6 && disks > ParityLayout.MAX_SLOTS_WITH_Q)) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    "a reshape with layout " + layout + " of RAID-" + level + " over " + disks
                            + " slots is not known to mdfuse");
        }
        return new ArrayGeometry(known.get(), disks, chunkSectors, memberSectors);
    }

    /** The volume's size in bytes: it stays the smaller one until a reshape that adds slots is complete. */
    public long arrayBytes() {
        long memberSectors = Math.min(before.memberSectors(), after.memberSectors());
        return Sectors.toBytes(memberSectors * Math.min(before.dataDisks(), after.dataDisks()));
    }

    /** True if the new shape holds an array sector. */
    public boolean isAfter(long arraySector) {
        return arraySector < positionSectors != backwards;
    }

    /** Whether any sector of the volume lies in the new shape, or in the old one. */
    public boolean uses(boolean newShape) {
        long lastSector = arrayBytes() / Sectors.BYTES - 1;
        return isAfter(0) == newShape || isAfter(lastSector) == newShape;
    }

    /** Of {@code limitBytes} bytes from an offset on, how many lie on the same side of the position. */
    public long bytesOnOneSide(long offsetBytes, long limitBytes) {
        long distance = Sectors.toBytes(positionSectors) - offsetBytes;
        return distance > 0 ? Math.min(limitBytes, distance) : limitBytes;
    }

    /** How much of the volume lies in the new shape, in percent, rounded down. */
    public int percent() {
        long total = Math.max(1, arrayBytes() / Sectors.BYTES);
        long below = Math.min(total, positionSectors);
        return (int) ((backwards ? total - below : below) * 100 / total);
    }

    /**
     * True if the next chunk row that md writes in the new shape may overwrite what it has not copied yet, so that
     * mdadm keeps copies of these rows in a backup file or on the added devices.
     *
     * @param movedDownSectors how far the data moves towards the start of the members, the least of all members;
     *     negative if it moves towards their end
     */
    public boolean needsBackup(long movedDownSectors) {
        if (!uses(false)) {
            return false;
        }
        long stepSectors = Math.max(before.chunkSectors(), after.chunkSectors());
        long write = positionSectors / after.dataDisks();
        long read = positionSectors / before.dataDisks();
        if (backwards) {
            return write - stepSectors < Sectors.roundUp(read, before.chunkSectors()) + movedDownSectors;
        }
        return write + stepSectors > Sectors.roundDown(read, before.chunkSectors()) + movedDownSectors;
    }

    /** What changes, for the user: {@code 4 -> 5 disks, chunk 64K -> 128K}. */
    public String words() {
        StringBuilder text = new StringBuilder();
        add(text, "disks", Integer.toString(before.raidDisks()), Integer.toString(after.raidDisks()));
        add(text, "chunk", before.chunkSectors() / 2 + "K", after.chunkSectors() / 2 + "K");
        add(text, "layout", before.layout().mdName(), after.layout().mdName());
        return text.isEmpty() ? "the data moves on the members" : text.toString();
    }

    private static void add(StringBuilder text, String what, String before, String after) {
        if (!before.equals(after)) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(what)
                    .append(' ')
                    .append(before)
                    .append(" -> ")
                    .append(after);
        }
    }
}
