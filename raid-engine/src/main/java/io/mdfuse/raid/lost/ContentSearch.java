package io.mdfuse.raid.lost;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** Finds out which file systems the devices hold, by copies of their superblocks, and where they can begin. */
final class ContentSearch {
    /** How much of the time it takes. */
    static final double SHARE = 0.2;

    /** A copy lies in each 128 MiB of an ext4, and in each quarter of an XFS. */
    private static final long LIMIT_BYTES = 512L << 20;

    private static final int MAX_SOURCES = 3;

    private final List<Found> all = new ArrayList<>();
    private final VolumeStarts starts = new VolumeStarts();

    /** A superblock of one kind; the others are null. */
    private static final class Found {
        private final @Nullable ExtShape ext;
        private final @Nullable XfsClues xfs;
        private final @Nullable BtrfsShape btrfs;
        private int copies = 1;

        Found(@Nullable ExtShape ext, @Nullable XfsClues xfs, @Nullable BtrfsShape btrfs) {
            this.ext = ext;
            this.xfs = xfs;
            this.btrfs = btrfs;
        }

        boolean isSame(Found other) {
            return (ext != null && other.ext != null && ext.isSame(other.ext))
                    || (xfs != null && other.xfs != null && xfs.isSame(other.xfs))
                    || (btrfs != null && other.btrfs != null && btrfs.isSame(other.btrfs));
        }
    }

    void search(LostDevices devices, DoubleConsumer progress) {
        devices.visit(
                LIMIT_BYTES,
                (device, at, block) -> {
                    look(block);
                    starts.look(device, at, block);
                },
                progress);
    }

    private void look(MemorySegment block) {
        ExtShape.in(block).ifPresent(copy -> count(new Found(copy.shape(), null, null)));
        XfsClues.of(block).ifPresent(xfs -> count(new Found(null, xfs, null)));
        BtrfsShape.in(block).ifPresent(copy -> count(new Found(null, null, copy.shape())));
    }

    private void count(Found found) {
        for (Found known : all) {
            if (known.isSame(found)) {
                known.copies++;
                return;
            }
        }
        all.add(found);
    }

    /** Where file systems can begin. */
    VolumeStarts starts() {
        return starts;
    }

    /** The sources of clues, those with the most copies first. */
    List<ClueSource> found() {
        all.sort(Comparator.comparingInt((Found found) -> found.copies).reversed());
        List<ClueSource> sources = new ArrayList<>();
        for (Found found : all.subList(0, Math.min(MAX_SOURCES, all.size()))) {
            ExtShape ext = found.ext;
            XfsClues xfs = found.xfs;
            if (ext != null) {
                sources.add(new ExtClues(ext));
            } else if (xfs != null) {
                sources.add(xfs);
            } else if (found.btrfs != null) {
                sources.add(new BtrfsClues(found.btrfs));
            }
        }
        return sources;
    }
}
