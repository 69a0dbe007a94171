package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Reads the log forward in large pieces. A scan needs nearly every block, so reading single blocks would be slow.
 */
final class LogReadAhead {
    private static final long WINDOW_BYTES = 1 << 20;

    private final LogArea area;
    private final MemorySegment window;
    private long windowSector;
    private long windowSectors;

    LogReadAhead(LogArea area, Arena arena) {
        this.area = area;
        this.window = UntouchedMemory.allocate(arena, Math.min(WINDOW_BYTES, Sectors.toBytes(area.sizeSectors())));
    }

    /** The block at {@code sector}; valid until the next call. */
    MemorySegment block(long sector) throws DeviceException {
        if (sector < windowSector || sector >= windowSector + windowSectors) {
            // The window never crosses the end of the ring, so that an offset in it is the difference of two sectors.
            long ahead = Math.min(Sectors.floorFromBytes(window.byteSize()), area.sizeSectors() - sector);
            try {
                fill(sector, ahead);
            } catch (DeviceException e) {
                // The unreadable sector may be behind the end of the log: only the block asked for must be readable.
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
