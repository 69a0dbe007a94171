package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.create.NewDevices;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The device arguments of {@code create}, as mdadm takes them: one for each slot, then one for each spare. The argument
 * {@code missing} leaves its slot without a device; a file of that name is written {@code ./missing}.
 *
 * @param slots for each slot its device, or empty
 * @param spares specifications
 * @param journal its device, or null
 */
record CreateDevices(
        List<Optional<DeviceSpec>> slots,
        List<DeviceSpec> spares,
        @Nullable DeviceSpec journal) {
    private static final String MISSING = "missing";
    private static final Pattern MD_NODE = Pattern.compile("/dev/md(/.*|_?d?[0-9]+)");

    /**
     * Divides the arguments.
     *
     * @throws IllegalArgumentException if an argument is not allowed at its position; the message says why
     * @throws IOException if there are more or fewer devices than the options say
     */
    static CreateDevices of(List<String> words, int raidDevices, int spareDevices, @Nullable DeviceSpec journal)
            throws IOException {
        if (MD_NODE.matcher(words.getFirst()).matches()) {
            throw new IllegalArgumentException(
                    "mdfuse makes no device node: leave " + words.getFirst() + " out, and name the array by --name");
        }
        if (journal != null && journal.text().equals(MISSING)) {
            throw new IllegalArgumentException("--write-journal can't be missing: name its device, or leave"
                    + " --write-journal out; write ./missing for a file of that name");
        }
        int expected = raidDevices + spareDevices;
        if (words.size() > expected) {
            int more = words.size() - raidDevices;
            throw new IOException(count(raidDevices, spareDevices) + " are wanted, but " + words.size()
                    + " devices were given; for " + more + (more == 1 ? " spare" : " spares") + " say -x " + more);
        }
        if (words.size() < expected) {
            throw new IOException(count(raidDevices, spareDevices) + " are wanted, but " + words.size()
                    + " devices were given; the word missing stands for a member that comes later");
        }
        List<DeviceSpec> spares = new ArrayList<>();
        for (String word : words.subList(raidDevices, expected)) {
            if (word.equals(MISSING)) {
                throw new IllegalArgumentException("missing can stand for a member, not for a spare; write ./missing"
                        + " for a file of that name");
            }
            spares.add(DeviceSpec.parse(word));
        }
        List<Optional<DeviceSpec>> slots = new ArrayList<>();
        for (String word : words.subList(0, raidDevices)) {
            slots.add(word.equals(MISSING) ? Optional.empty() : Optional.of(DeviceSpec.parse(word)));
        }
        return new CreateDevices(slots, spares, journal);
    }

    private static String count(int members, int spares) {
        return members + " members" + (spares == 0 ? "" : " and " + spares + (spares == 1 ? " spare" : " spares"));
    }

    /** The members that are not missing, and the spares. */
    List<DeviceSpec> dataDevices() {
        List<DeviceSpec> devices = new ArrayList<>();
        slots.forEach(slot -> slot.ifPresent(devices::add));
        devices.addAll(spares);
        return devices;
    }

    /** All devices to open: the members, the spares, the journal. */
    List<DeviceSpec> all() {
        List<DeviceSpec> all = dataDevices();
        if (journal != null) {
            all.add(journal);
        }
        return all;
    }

    /** The same devices after they were opened; {@code opened} has them in the order of {@link #all}. */
    NewDevices opened(List<BlockDevice> opened) {
        List<Optional<BlockDevice>> members = new ArrayList<>();
        int next = 0;
        for (Optional<DeviceSpec> slot : slots) {
            members.add(slot.isPresent() ? Optional.of(opened.get(next++)) : Optional.empty());
        }
        return new NewDevices(
                members,
                opened.subList(next, next + spares.size()),
                journal == null ? null : opened.get(next + spares.size()));
    }
}
