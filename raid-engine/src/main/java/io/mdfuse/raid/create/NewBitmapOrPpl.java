package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.BitImage;
import io.mdfuse.raid.superblock.BitmapArea;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.ChunkStates;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.StateImage;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The write-intent bitmap or the partial parity log of an array that is being created: the fields of the superblocks
 * that describe it, and its first content. The content is written before the superblocks.
 */
final class NewBitmapOrPpl {
    private static final int PPL_OFFSET_SECTORS = 8;

    private final CreateOptions options;
    private final @Nullable BitmapPlan bitmap;

    /**
     * Plans the area that the options ask for.
     *
     * @param memberSpaces the layouts of the members and of the spares
     * @param usedSectors how many sectors of each member's data area the array uses
     * @throws ArrayRefusedException if the devices have no space for the bitmap
     */
    NewBitmapOrPpl(CreateOptions options, List<DeviceSpace> memberSpaces, long usedSectors)
            throws ArrayRefusedException {
        this.options = options;
        int space = memberSpaces.stream()
                .mapToInt(DeviceSpace::bitmapOrPplSectors)
                .min()
                .orElse(0);
        this.bitmap = options.consistency().policy() == ConsistencyPolicy.BITMAP
                        && !options.consistency().lockless()
                ? BitmapPlan.of(
                        options.shape().version(),
                        space,
                        usedSectors,
                        options.consistency().bitmapChunkBytes())
                : null;
    }

    /** Adds the fields that describe the area to a member's new superblock. */
    Superblock describe(Superblock superblock, DeviceSpace space) {
        if (bitmap != null) {
            return superblock.edit(editor -> editor.featureMap(superblock.featureMap() | Features.BITMAP)
                    .bitmapOffsetSectors(bitmap.offsetSectors()));
        }
        if (options.consistency().lockless()) {
            return superblock.edit(editor -> editor.featureMap(superblock.featureMap() | Features.BITMAP)
                    .bitmapOffsetSectors(Sectors.PER_BLOCK));
        }
        if (options.consistency().policy() == ConsistencyPolicy.PPL) {
            return superblock.edit(editor -> describePpl(editor, superblock, space));
        }
        return superblock;
    }

    private static void describePpl(SuperblockEditor editor, Superblock superblock, DeviceSpace space) {
        boolean before = space.badBlockLogOffsetSectors() < 0;
        int offset = before ? space.badBlockLogOffsetSectors() - space.bitmapOrPplSectors() : PPL_OFFSET_SECTORS;
        editor.featureMap(superblock.featureMap() | Features.PPL).ppl(offset, space.bitmapOrPplSectors());
    }

    /**
     * Writes the area's first content: an empty partial parity log, a bitmap in which the bits of all regions are set
     * if the array needs a resync, or a lockless bitmap in which every chunk was never written, or is clean if parity
     * is assumed to be correct.
     */
    void write(BlockDevice member, Superblock superblock) throws IOException {
        if (bitmap != null) {
            boolean inSync = superblock.resyncOffset().isInSync();
            BitmapSuperblock head = new BitmapSuperblock(
                    BitmapSuperblock.VERSION_VALUE,
                    superblock.setUuid(),
                    superblock.events(),
                    superblock.events(),
                    superblock.usedSectors(),
                    0,
                    bitmap.chunkBytes(),
                    BitmapSuperblock.DEFAULT_DAEMON_SLEEP_SECONDS,
                    0,
                    0);
            BitSet bits = new BitSet();
            bits.set(0, inSync ? 0 : head.chunks(superblock.usedSectors()));
            BitmapArea.of(new FoundDevice(member, superblock))
                    .rewrite(new BitImage(head, superblock.usedSectors(), superblock.pieceBytes(), bits));
        } else if (options.consistency().lockless()) {
            writeStates(member, superblock);
        } else if (options.consistency().policy() == ConsistencyPolicy.PPL) {
            PplArea.of(new FoundDevice(member, superblock)).format();
        }
    }

    private void writeStates(BlockDevice member, Superblock superblock) throws IOException {
        BitmapSuperblock head = new BitmapSuperblock(
                BitmapSuperblock.LOCKLESS_VERSION,
                superblock.setUuid(),
                superblock.events(),
                0,
                superblock.usedSectors(),
                0,
                BitmapSuperblock.locklessChunkBytes(superblock.usedSectors(), BitmapSuperblock.LOCKLESS_SECTORS),
                BitmapSuperblock.LOCKLESS_DAEMON_SLEEP_SECONDS,
                0,
                BitmapSuperblock.LOCKLESS_SECTORS);
        ChunkStates states = StateImage.uniform(
                head, superblock.usedSectors(), options.consistency().assumeClean());
        BitmapArea.of(new FoundDevice(member, superblock))
                .rewrite(new StateImage(head, superblock.usedSectors(), superblock.pieceBytes(), states));
    }
}
