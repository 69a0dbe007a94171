package io.mdfuse.cli;

import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code examine --brief} prints: for each array that the devices belong to, its line for mdadm.conf. */
final class BriefReport {
    private final Map<String, List<Superblock>> arrays = new LinkedHashMap<>();

    void add(FoundDevice found) {
        Superblock superblock = found.superblock();
        arrays.computeIfAbsent(superblock.setUuidText(), uuid -> new ArrayList<>())
                .add(superblock);
    }

    void print(PrintWriter out) {
        arrays.forEach((uuid, superblocks) -> {
            Superblock any = superblocks.getFirst();
            String name = any.setName();
            String node = name.isEmpty() ? "" : "/dev/md/" + name.substring(name.indexOf(':') + 1);
            out.println("ARRAY " + node + "  metadata=" + any.metadataVersion().text() + " UUID=" + uuid
                    + (name.isEmpty() ? "" : " name=" + name));
            long spares = superblocks.stream()
                    .filter(each -> each.ownRole() == Roles.SPARE)
                    .count();
            if (spares > 0) {
                out.println("   spares=" + spares);
            }
        });
    }
}
