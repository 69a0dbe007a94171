package io.mdfuse.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Debian's lvm2 on loop devices, without the device mapper: with {@code activation=0} it makes and shows volumes, and
 * can't open them. So content is written to the extents that {@code lvs} names.
 */
final class Lvm {
    private static final Pattern WORD = Pattern.compile("\\S+");

    private final List<String> nodes;

    /** Where the extents of each physical volume begin. */
    private final Map<String, Long> starts = new HashMap<>();

    /** @param nodes the only devices that lvm2 sees */
    Lvm(List<String> nodes) {
        this.nodes = nodes;
    }

    static void needs() {
        Needs.program("pvcreate", "lvm2");
        Needs.loopDevices();
    }

    /** Runs a command of lvm2 that has to succeed, and returns its output. */
    String run(String... words) throws IOException {
        String filter = nodes.stream().map(node -> "\"a|^" + node + "$|\",").collect(Collectors.joining());
        List<String> command = new ArrayList<>(List.of("env", "LVM_SUPPRESS_FD_WARNINGS=1"));
        command.addAll(List.of(words));
        command.addAll(List.of(
                "--config",
                "global{activation=0 event_activation=0 use_lvmpolld=0 use_lvmlockd=0}"
                        + " backup{backup=0 archive=0} devices{use_devicesfile=0 md_component_detection=0"
                        + " obtain_device_list_from_udev=0 filter=[" + filter + "\"r|.*|\"]}"));
        return Command.run(command).orFail().output();
    }

    /** A new linear or striped volume; its content is what was on the extents before. */
    void create(String group, String name, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("lvcreate", "-q", "-an", "-Zn", "-Wn", "-n", name));
        command.addAll(List.of(words));
        command.add(group);
        run(command.toArray(String[]::new));
    }

    /** Writes the complete content of a volume to where {@code lvs} says that it is. */
    void write(String volume, byte[] content) throws IOException {
        Map<String, FileChannel> devices = new LinkedHashMap<>();
        try {
            for (String node : nodes) {
                devices.put(node, FileChannel.open(Path.of(node), StandardOpenOption.WRITE));
            }
            String columns = "seg_start,seg_size,stripe_size,vg_extent_size,seg_pe_ranges";
            String segments = run("lvs", "--noheadings", "--units", "b", "--nosuffix", "-o", columns, volume);
            for (String line : segments.lines().toList()) {
                segment(WORD.matcher(line).results().map(MatchResult::group).toList(), content, devices);
            }
        } finally {
            for (FileChannel device : devices.values()) {
                device.force(true);
                device.close();
            }
        }
    }

    /** @param words start, size, stripe size and extent size in bytes, then {@code /dev/loop0:20-25} for each stripe */
    private void segment(List<String> words, byte[] content, Map<String, FileChannel> devices) throws IOException {
        int start = Integer.parseInt(words.get(0));
        int size = Integer.parseInt(words.get(1));
        List<String> stripes = words.subList(4, words.size());
        int stripeBytes = stripes.size() == 1 ? size : Integer.parseInt(words.get(2));
        for (int at = 0; at < size; at += stripeBytes) {
            int stripe = at / stripeBytes;
            String place = stripes.get(stripe % stripes.size());
            String node = place.substring(0, place.indexOf(':'));
            long extent = Long.parseLong(place.substring(place.indexOf(':') + 1, place.lastIndexOf('-')));
            long offset = startOfExtents(node)
                    + extent * Long.parseLong(words.get(3))
                    + (long) (stripe / stripes.size()) * stripeBytes;
            Objects.requireNonNull(devices.get(node)).write(ByteBuffer.wrap(content, start + at, stripeBytes), offset);
        }
    }

    private long startOfExtents(String node) throws IOException {
        Long known = starts.get(node);
        if (known == null) {
            known = Long.valueOf(run("pvs", "--noheadings", "--units", "b", "--nosuffix", "-o", "pe_start", node)
                    .strip());
            starts.put(node, known);
        }
        return known;
    }
}
