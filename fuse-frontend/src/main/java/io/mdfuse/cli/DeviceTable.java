package io.mdfuse.cli;

import io.mdfuse.device.DeviceNumber;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The table of devices at the end of {@code mdadm --detail}: first a row for each slot, and a second one for a slot
 * with two devices; an empty line; then the devices without a slot, by their number.
 *
 * <pre>
 *     Number   Major   Minor   RaidDevice State
 *        0       8       16        0      active sync   /dev/sdb
 *        -       0        0        1      removed
 *
 *        4       8       64        -      spare   /dev/sde
 * </pre>
 */
record DeviceTable(ArrayView array) {
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("    Number   Major   Minor   RaidDevice State");
        List<ArrayDevice> others = new ArrayList<>(array.devices());
        for (int slot = 0; slot < array.slots(); slot++) {
            List<ArrayDevice> holders = holders(slot);
            others.removeAll(holders);
            if (holders.isEmpty()) {
                lines.add(String.format(Locale.ROOT, "       -   %5d    %5d    %5d      removed", 0, 0, slot));
            }
            holders.forEach(holder -> lines.add(row(holder)));
        }
        if (!others.isEmpty()) {
            lines.add("");
            others.forEach(device -> lines.add(row(device)));
        }
        return lines;
    }

    /** The devices of a slot: a member, and perhaps its replacement, in the order of their numbers. */
    private List<ArrayDevice> holders(int slot) {
        return array.devices().stream()
                .filter(device -> device.slot() == slot)
                .sorted(Comparator.comparingInt(ArrayDevice::number))
                .toList();
    }

    private static String row(ArrayDevice device) {
        DeviceNumber numbers = device.numbers();
        String slot = device.slot() == ArrayDevice.NO_SLOT ? "    -" : String.format(Locale.ROOT, "%5d", device.slot());
        return String.format(
                Locale.ROOT,
                "   %5d   %5d    %5d    %s      %s   %s",
                device.number(),
                numbers.major(),
                numbers.minor(),
                slot,
                device.words(),
                device.name());
    }
}
