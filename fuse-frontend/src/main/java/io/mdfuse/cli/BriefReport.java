package io.mdfuse.cli;

import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code examine --brief} prints: for each array that the devices belong to, its line for mdadm.conf.
 *
 * <p>mdadm counts the journal as a spare here, which {@code mdadm --detail} does not. This class counts spares.
 *
 * @param verbose with the level, the number of devices, and the names of those that were examined
 */
record BriefReport(boolean verbose, Map<String, List<Named>> arrays) {
    private record Named(String device, Superblock superblock) {}

    BriefReport(boolean verbose) {
        this(verbose, new LinkedHashMap<>());
    }

    void add(FoundDevice found) {
        add(found.name(), found.superblock());
    }

    void add(String device, Superblock superblock) {
        arrays.computeIfAbsent(superblock.setUuidText(), uuid -> new ArrayList<>())
                .add(new Named(device, superblock));
    }

    void print(PrintWriter out) {
        arrays.forEach((uuid, devices) -> {
            Superblock any = devices.getFirst().superblock();
            out.println(any.preferredMinor().isPresent() ? oldLine(any, uuid) : line(any, uuid));
            long spares = devices.stream()
                    .filter(each -> each.superblock().ownRole() == Roles.SPARE)
                    .count();
            String names = String.join(",", devices.stream().map(Named::device).toList());
            if (spares > 0 || verbose) {
                out.println((spares > 0 ? "   spares=" + spares : "") + (verbose ? "   devices=" + names : ""));
            }
        });
    }

    private String line(Superblock any, String uuid) {
        String name = any.setName();
        String node = name.isEmpty() ? "" : "/dev/md/" + name.substring(name.indexOf(':') + 1) + " ";
        return "ARRAY " + node + (verbose ? " level=" + ShapeText.levelName(any.level()) : "") + " metadata="
                + any.metadataVersion().text() + (verbose ? " num-devices=" + any.raidDisks() : "") + " UUID=" + uuid
                + (name.isEmpty() ? "" : " name=" + name);
    }

    /** The line of an array of metadata 0.90, which has a number in place of a name. */
    private String oldLine(Superblock any, String uuid) {
        return "ARRAY /dev/md" + any.preferredMinor().orElseThrow()
                + (verbose ? " level=" + ShapeText.levelName(any.level()) + " num-devices=" + any.raidDisks() : "")
                + " UUID=" + uuid;
    }
}
