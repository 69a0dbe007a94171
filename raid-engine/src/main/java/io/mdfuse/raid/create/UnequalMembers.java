package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether one device of a new array is so much smaller than the others that it was probably not meant: the smallest
 * device limits what is used of each. mdadm asks if the largest exceeds the smallest by more than 1 %; here it is 10 %,
 * since drives of one nominal size differ by a few per cent and nothing is asked.
 */
final class UnequalMembers {
    private static final long LEAST_TENTHS = 9;

    private UnequalMembers() {}

    /**
     * Refuses members and spares of very unequal size.
     *
     * @throws ArrayRefusedException UNSAFE, with the device that limits the array and the option that goes on
     */
    static void refuse(NewDevices devices) throws ArrayRefusedException {
        List<BlockDevice> all = new ArrayList<>();
        devices.slots().forEach(slot -> slot.ifPresent(all::add));
        all.addAll(devices.spares());
        if (all.isEmpty()) {
            return;
        }
        BlockDevice smallest = all.getFirst();
        BlockDevice largest = all.getFirst();
        for (BlockDevice device : all) {
            smallest = device.sizeBytes() < smallest.sizeBytes() ? device : smallest;
            largest = device.sizeBytes() > largest.sizeBytes() ? device : largest;
        }
        if (smallest.sizeBytes() / LEAST_TENTHS < largest.sizeBytes() / 10) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    smallest.name() + ": has only " + size(smallest) + " where " + largest.name() + " has "
                            + size(largest) + ", and no more than that would be used of any member; give a larger"
                            + " device, or accept that with --run");
        }
    }

    private static String size(BlockDevice device) {
        return String.format(Locale.ROOT, "%.1f MiB", device.sizeBytes() / (double) (1 << 20));
    }
}
