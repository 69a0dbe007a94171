package io.mdfuse.journal;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Stores the tail on its own disk, which loses power together with the disk of the log. */
final class CrashDiskTailStore implements TailStore {
    private final CrashDisk disk;

    CrashDiskTailStore(CrashTrace trace) {
        this(new CrashDisk("superblock.img", 512, trace));
    }

    CrashDiskTailStore(CrashDisk disk) {
        this.disk = disk;
    }

    @Override
    public void storeTail(long tailSector) throws DeviceException {
        MemorySegment sector = MemorySegment.ofArray(new byte[512]);
        sector.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, tailSector);
        disk.write(0, sector);
        disk.flush();
    }

    long stored() throws DeviceException {
        MemorySegment sector = MemorySegment.ofArray(new byte[512]);
        disk.read(0, sector);
        return sector.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }
}
