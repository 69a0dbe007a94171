package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/** The durable content of one disk, and the changes that are not flushed, in their order. */
final class DiskHistory {
    private final int disk;
    private final DiskImage durable;
    private final List<DiskEvent.Change> pending;

    DiskHistory(int disk, DiskImage durable) {
        this(disk, durable, List.of());
    }

    private DiskHistory(int disk, DiskImage durable, List<DiskEvent.Change> pending) {
        this.disk = disk;
        this.durable = durable;
        this.pending = new ArrayList<>(pending);
    }

    DiskHistory copy() {
        return new DiskHistory(disk, durable.copy(), pending);
    }

    void add(DiskEvent event) {
        switch (event) {
            case DiskEvent.Change change -> pending.add(change);
            case DiskEvent.Flush flush -> {
                for (DiskEvent.Change change : pending) {
                    change.applyTo(durable, change.offsetBytes(), change.offsetBytes() + change.lengthBytes());
                }
                pending.clear();
            }
        }
    }

    int pendingCount() {
        return pending.size();
    }

    /** The content of the disk after a power failure now. */
    DiskImage afterCrash(Survival survival) {
        DiskImage image = durable.copy();
        for (int i = 0; i < pending.size(); i++) {
            applySurvivingSectors(image, i, pending.get(i), survival);
        }
        return image;
    }

    /** Consecutive sectors that all survive are copied together. */
    private void applySurvivingSectors(DiskImage image, int index, DiskEvent.Change change, Survival survival) {
        long endBytes = change.offsetBytes() + change.lengthBytes();
        long keptFrom = change.offsetBytes();
        long at = change.offsetBytes();
        while (at < endBytes) {
            long next = Math.min(endBytes, Sectors.roundDown(at, Sectors.BYTES) + Sectors.BYTES);
            if (!survival.keeps(disk, index, at / Sectors.BYTES)) {
                if (keptFrom < at) {
                    change.applyTo(image, keptFrom, at);
                }
                keptFrom = next;
            }
            at = next;
        }
        if (keptFrom < endBytes) {
            change.applyTo(image, keptFrom, endBytes);
        }
    }
}
