package io.mdfuse.raid.writepath;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.FoundDevice;

/**
 * Whether the array's bitmap has a bit for every write that a former member lacks. Bits are cleared only while every
 * slot has its member in sync, and before any bit is cleared events_cleared is set to the event count of the last
 * update whose superblocks were written. A member whose failure was on record before that has a lower count. So a
 * member whose count is not below events_cleared was present, and flushed, when bits were cleared last; no bit was
 * cleared since.
 */
final class FormerBitmap {
    private FormerBitmap() {}

    /**
     * Throws unless the bitmap is known to be complete for the former member.
     *
     * @param own the header of the former member's bitmap
     * @param now the header of the array's bitmap
     */
    static void requireComplete(FoundDevice former, BitmapSuperblock own, BitmapSuperblock now, long memberSectors)
            throws ArrayRefusedException {
        long events = former.superblock().events();
        refuseIf(
                own.chunkBytes() != now.chunkBytes() || own.syncSectors() != memberSectors,
                "its bitmap has other chunks than the array's");
        boolean stale = own.isStale();
        refuseIf(stale || Long.compareUnsigned(own.events(), events) < 0, "its own bitmap is out of date");
        refuseIf(Long.compareUnsigned(events, now.eventsCleared()) < 0, "bits were cleared since it left");
        refuseIf(
                Long.compareUnsigned(own.eventsCleared(), now.eventsCleared()) > 0,
                "its own bitmap was cleared after it had left");
    }

    private static void refuseIf(boolean wrong, String why) throws ArrayRefusedException {
        if (wrong) {
            throw new ArrayRefusedException(Reason.STALE, why);
        }
    }
}
