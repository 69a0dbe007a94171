package io.mdfuse.raid.writepath;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.FoundDevice;

/**
 * Whether the array's bitmap has a bit for everything that a former member lacks. Bits are cleared only while every
 * slot is whole, and events_cleared becomes the array's count before any is. So a member whose count is not behind it
 * was there, and flushed, when bits were cleared last; nothing was cleared since.
 */
final class FormerBitmap {
    private FormerBitmap() {}

    /**
     * Refuses where it is not known.
     *
     * @param own the head of the former member's bitmap
     * @param now the head of the array's
     */
    static void requireEnough(FoundDevice former, BitmapSuperblock own, BitmapSuperblock now, long memberSectors)
            throws ArrayRefusedException {
        long events = former.superblock().events();
        refuseIf(
                own.chunkBytes() != now.chunkBytes() || own.syncSectors() != memberSectors,
                "its bitmap has other chunks than the array's");
        boolean stale = (own.state() & BitmapSuperblock.STALE) != 0;
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
