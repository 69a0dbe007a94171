package io.mdfuse.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@code detail --export} prints: the lines {@code KEY=VALUE} of {@code mdadm --detail --export}, for udev rules
 * and scripts. As in mdadm, the role of a device without a slot is {@code spare}, also that of a journal or a failed
 * device.
 *
 * @param name the name of the volume's file; mdadm's {@code MD_DEVNAME} is the name in /dev/md
 */
record DetailExport(String name, ArrayView array) {
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("MD_LEVEL=" + array.text("level"));
        lines.add("MD_DEVICES=" + array.slots());
        lines.add("MD_METADATA=" + array.text("metadata_version"));
        lines.add("MD_UUID=" + array.text("uuid"));
        lines.add("MD_DEVNAME=" + plain(name));
        lines.add("MD_RESHAPE_ACTIVE=" + (array.text("reshape").isEmpty() ? "False" : "True"));
        if (!array.text("name").isEmpty()) {
            lines.add("MD_NAME=" + plain(array.text("name")));
        }
        Set<String> keys = new HashSet<>();
        for (ArrayDevice device : array.devices()) {
            String key = key(device);
            if (!keys.add(key)) {
                // Two images in different directories may have the same name.
                key += "_" + device.number();
                keys.add(key);
            }
            String role = device.slot() == ArrayDevice.NO_SLOT ? "spare" : Integer.toString(device.slot());
            lines.add("MD_DEVICE_" + key + "_ROLE=" + role);
            lines.add("MD_DEVICE_" + key + "_DEV=" + plain(device.name()));
        }
        return lines;
    }

    /** The device's name in md's sysfs, {@code dev-sda1}, with {@code _} for all but letters and digits. */
    private static String key(ArrayDevice device) {
        String last = device.name().substring(device.name().lastIndexOf('/') + 1);
        return ("dev-" + last).replaceAll("[^A-Za-z0-9]", "_");
    }

    /** A line feed in a name would begin a line of its own, with a key of its author's choice. */
    private static String plain(String value) {
        return value.replaceAll("\\p{Cntrl}", "_");
    }
}
