package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The attributes by which a running array that can be written is changed, with the names and values of md's sysfs
 * (Linux 6.1, Documentation/admin-guide/md.rst). docs/mounting.md has the table of all that can be set; those of the
 * passes are in {@link SyncActions}.
 *
 * <pre>
 *   safe_mode_delay    seconds, such as 0.200; 0: clean only at the stop
 *   array_state        set: clean (mark clean now, refused while a write is in progress), active (no effect)
 *   devN_state         the {@link DeviceState} of the device with that number
 *                      set: faulty, remove, want_replacement
 *   bitmap_set_bits    set only: chunks of the write-intent bitmap, such as 0, or 3-17, with blanks between
 * </pre>
 *
 * {@link #set} is called by any thread, which holds no lock.
 */
record WriteKnobs(WriteParts parts, MemberCommand members) {
    private static final Pattern DEVICE_STATE = Pattern.compile("dev([0-9]{1,9})_state");
    private static final Pattern SECONDS = Pattern.compile("([0-9]{1,6})(?:\\.([0-9]{1,3}))?");
    private static final Pattern CHUNKS = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");
    private static final int THOUSAND = 1000;

    static boolean isKnob(String name) {
        return name.equals("safe_mode_delay")
                || name.equals("array_state")
                || name.equals("bitmap_set_bits")
                || DEVICE_STATE.matcher(name).matches();
    }

    /** Adds the attributes, as far as {@link ArrayAttributes} does not have them. */
    void describe(Map<String, String> attributes) {
        long millis = parts.dirtyMarker().delay().toMillis();
        attributes.put("safe_mode_delay", String.format(Locale.ROOT, "%d.%03d", millis / THOUSAND, millis % THOUSAND));
        attributes.put("bitmap_set_bits", "none");
        for (DeviceList.Entry entry : parts.devices().all()) {
            attributes.put(
                    "dev" + entry.number() + "_state",
                    parts.devices().stateOf(entry).text());
        }
    }

    /**
     * Changes an attribute.
     *
     * @throws UnsupportedOperationException if it is none of these
     * @throws IllegalArgumentException if it can't have this value
     * @throws IOException if the array's state does not allow it
     */
    void set(String name, String value) throws IOException {
        Matcher device = DEVICE_STATE.matcher(name);
        if (device.matches()) {
            setDeviceState(Integer.parseInt(device.group(1)), value);
            return;
        }
        switch (name) {
            case "safe_mode_delay" -> parts.dirtyMarker().setDelay(delay(value));
            case "array_state" -> setArrayState(value);
            case "bitmap_set_bits" -> setBits(value);
            default -> throw new UnsupportedOperationException(name + " can't be set");
        }
    }

    private static Duration delay(String value) {
        Matcher seconds = SECONDS.matcher(value);
        if (!seconds.matches()) {
            throw new IllegalArgumentException(
                    "safe_mode_delay is a number of seconds with at most three decimals, such as 0.200, not " + value);
        }
        String decimals = seconds.group(2) == null ? "0" : (seconds.group(2) + "00").substring(0, 3);
        return Duration.ofSeconds(Long.parseLong(seconds.group(1))).plusMillis(Long.parseLong(decimals));
    }

    private void setArrayState(String value) throws IOException {
        switch (value) {
            case "active" -> {}
            case "clean" -> {
                if (!parts.dirtyMarker().cleanNow()) {
                    throw refused("writes are in progress: the array is marked clean once they have ended");
                }
            }
            case "readonly", "read-auto", "inactive", "clear" ->
                throw refused("a mounted array can't become " + value + ": unmount it, and mount it with --read-only");
            default -> throw new IllegalArgumentException("array_state can be set to clean or active, not " + value);
        }
    }

    private void setDeviceState(int number, String value) throws IOException {
        DeviceList.Entry entry = parts.devices().all().stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow(() -> refused("the array has no device with the number " + number));
        switch (value) {
            case "faulty" -> members.run("fail\n" + entry.name());
            case "remove" -> members.run("remove\n" + entry.name());
            case "want_replacement" -> members.run("replace\n" + entry.name());
            default ->
                throw new IllegalArgumentException(
                        "a device's state can be set to faulty, remove or want_replacement, not " + value);
        }
    }

    private void setBits(String value) throws IOException {
        int bits = parts.writeIntent().bitCount();
        if (bits == 0) {
            throw new NotOfferedException("the array has no write-intent bitmap, so it has no bitmap_set_bits");
        }
        parts.writeIntent().markInDoubt(chunks(value, bits));
        parts.dirtyMarker().syncPositionMoved();
    }

    private static BitSet chunks(String value, int bits) {
        BitSet chunks = new BitSet();
        for (String range : value.split("[ ,]+", -1)) {
            Matcher found = CHUNKS.matcher(range);
            if (!found.matches()) {
                throw new IllegalArgumentException(
                        "bitmap_set_bits is chunks of the bitmap, such as 0, or 3-17, not " + value);
            }
            int first = Integer.parseInt(found.group(1));
            int last = found.group(2) == null ? first : Integer.parseInt(found.group(2));
            if (last < first || last >= bits) {
                throw new IllegalArgumentException("the bitmap has the chunks 0 to " + (bits - 1) + ", not " + range);
            }
            chunks.set(first, last + 1);
        }
        return chunks;
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }
}
