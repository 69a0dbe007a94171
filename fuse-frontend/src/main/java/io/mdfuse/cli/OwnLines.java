package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The part of {@code detail} that mdadm does not have: what serves the array, its cache, what is in its way. Its labels
 * are none of mdadm's, so a script that looks for one of mdadm's labels finds one line.
 */
record OwnLines(ArrayView array) {
    /** The key of the front end, which is no attribute of the array. */
    static final String FRONTEND = "frontend";

    static final String HEADING = "    mdfuse";

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(HEADING);
        LabelledLines.add(lines, "Front End", array.text(FRONTEND));
        LabelledLines.add(lines, "Access", array.readOnly() ? "read-only" : "read-write");
        LabelledLines.add(lines, "Overlay", overlay());
        LabelledLines.add(lines, "Trouble", array.text("array_trouble"));
        LabelledLines.add(lines, "Host Full", array.text("host_full"));
        LabelledLines.add(lines, "Journal Mode", array.text("journal_mode"));
        LabelledLines.add(lines, "Stripe Cache", stripeCache());
        array.number("logical_block_size")
                .ifPresent(bytes -> LabelledLines.add(lines, "Logical Block", bytes == 0 ? "" : bytes + " bytes"));
        LabelledLines.add(lines, "Reshape", array.text("reshape"));
        SyncStatus sync = array.sync();
        LabelledLines.add(lines, "Sync Action", sync.action().equals("idle") ? "" : sync.action());
        LabelledLines.add(lines, "Sync Progress", sync.text());
        LabelledLines.add(lines, "Sync Trouble", array.text("sync_trouble"));
        addDevices(lines);
        if (!array.readOnly()) {
            StackAdvice advice = StackAdvice.of(array);
            LabelledLines.add(lines, "New on it", advice.xfs());
            LabelledLines.add(lines, "or", advice.ext4());
            LabelledLines.add(lines, "or", advice.lvm());
        }
        return lines;
    }

    private void addDevices(List<String> lines) {
        for (ArrayDevice device : array.devices()) {
            long corrected = array.numberOr("rd" + device.slot() + "_errors_corrected", 0);
            if (device.state() == DeviceState.IN_SYNC && corrected > 0) {
                LabelledLines.add(lines, "Corrected Reads", corrected + " of " + device.name());
            }
            if (device.state() == DeviceState.REPLACEMENT) {
                LabelledLines.add(
                        lines, "Replacement", device.name() + " is to replace the member of slot " + device.slot());
            }
        }
        array.unused().forEach(device -> LabelledLines.add(lines, "Not Used", device.name()));
    }

    /** Where the writes of a read-only mount go. */
    private String overlay() {
        return array.text("overlay").isEmpty()
                ? ""
                : array.text("overlay") + ", " + array.text("overlay_bytes") + " of at most "
                        + array.text("overlay_limit_bytes") + " bytes written; lost at the unmount";
    }

    private String stripeCache() {
        OptionalLong size = array.number("stripe_cache_size");
        return size.isEmpty()
                ? ""
                : array.numberOr("stripe_cache_active", 0) + " of " + size.getAsLong() + " stripes in use";
    }
}
