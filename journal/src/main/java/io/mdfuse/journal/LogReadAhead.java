package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The log read forward, a large piece at a time. A scan needs nearly every block of it, so single reads would not pay.
 */
final class LogReadAhead {
    private static final long WINDOW_BYTES = 1 << 20;

    private final LogArea area;
    private final MemorySegment window;
    private long windowSector;
    private long windowSectors;

    LogReadAhead(LogArea area, Arena arena) {
        this.area = area;
        this.window = arena.allocate(Math.min(WINDOW_BYTES, Sectors.toBytes(area.sizeSectors())), Sectors.BLOCK_BYTES);
    }

    /** The block at {@code sector}; good until the next call. */
    MemorySegment block(long sector) throws DeviceException {
        if (sector < windowSector || sector >= windowSector + windowSectors) {
            // The window never goes around the ring's corner, so that a place in it is a plain difference.
            long ahead = Math.min(Sectors.floorFromBytes(window.byteSize()), area.sizeSectors() - sector);
            try {
                fill(sector, ahead);
            } catch (DeviceException e) {
                // What cannot be read may lie behind the end of the log, where it matters to nobody.
                fill(sector, Sectors.PER_BLOCK);
            }
        }
        return window.asSlice(Sectors.toBytes(sector - windowSector), Sectors.BLOCK_BYTES);
    }

    private void fill(long sector, long sectors) throws DeviceException {
        windowSectors = 0;
        area.readBlocks(sector, window.asSlice(0, Sectors.toBytes(sectors)));
        windowSector = sector;
        windowSectors = sectors;
    }
}
