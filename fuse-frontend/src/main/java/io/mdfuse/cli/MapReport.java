package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.xray.DeviceMap;
import io.mdfuse.raid.xray.LayoutMap;
import io.mdfuse.raid.xray.MapMaker;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code examine --map} prints: for each array that the devices belong to, where its first chunks lie, and what
 * lies where on each device.
 */
final class MapReport {
    /** The devices of one array, in the order in which they were given. */
    private static final class MappedArray {
        final List<DeviceMap> devices = new ArrayList<>();
        final SortedMap<Integer, Long> dataSectors = new TreeMap<>();
        Superblock reference;

        MappedArray(Superblock first) {
            reference = first;
        }

        void add(FoundDevice found) throws IOException {
            Superblock superblock = found.superblock();
            devices.add(DeviceMap.of(found));
            if (Roles.isSlot(superblock.ownRole())) {
                dataSectors.put(superblock.ownRole(), superblock.dataSizeSectors());
            }
            if (Long.compareUnsigned(superblock.events(), reference.events()) > 0) {
                reference = superblock;
            }
        }

        LayoutMap layout() throws ArrayRefusedException {
            return MapMaker.of(reference, dataSectors.headMap(Math.max(0, reference.raidDisks())));
        }
    }

    private final Map<String, MappedArray> arrays = new LinkedHashMap<>();

    /** Reads what is shown of a device; the device may be closed afterwards. */
    void add(FoundDevice found) throws IOException {
        Superblock superblock = found.superblock();
        arrays.computeIfAbsent(superblock.setUuidText(), _ -> new MappedArray(superblock))
                .add(found);
    }

    void print(PrintWriter out) {
        String gap = "";
        for (MappedArray array : arrays.values()) {
            out.print(gap);
            gap = System.lineSeparator();
            Superblock reference = array.reference;
            String name = reference.setName();
            out.println((name.isEmpty() ? "" : name + ", ") + reference.setUuidText());
            printLayout(array, out);
            for (DeviceMap device : array.devices) {
                out.println();
                MapText.print(device, out);
            }
        }
    }

    private static void printLayout(MappedArray array, PrintWriter out) {
        Superblock reference = array.reference;
        String shape = shape(reference);
        try {
            LayoutMap layout = array.layout();
            long bytes = Sectors.toBytes(layout.volumeSectors());
            out.println(shape + ", volume of " + bytes + " bytes");
            out.println();
            MapText.print(layout, Sectors.toBytes(reference.chunkSectors()), out);
        } catch (ArrayRefusedException e) {
            out.println(shape);
            out.println("no map of the chunks: " + e.getMessage());
        }
    }

    private static String shape(Superblock reference) {
        String layout =
                SuperblockText.layoutName(reference).map(name -> " " + name).orElse("");
        String chunk = ShapeText.chunkLabel(reference.level())
                .map(_ -> ", chunk " + SizeConverter.format(Sectors.toBytes(reference.chunkSectors())))
                .orElse("");
        return ShapeText.levelName(reference.level()) + layout + ", " + reference.raidDisks() + " slots" + chunk;
    }

    void write(JsonGenerator json) throws IOException {
        for (MappedArray array : arrays.values()) {
            Superblock reference = array.reference;
            json.writeStartObject();
            json.writeStringField("array_uuid", reference.setUuidText());
            json.writeStringField("name", reference.setName());
            json.writeStringField("level", ShapeText.levelName(reference.level()));
            SuperblockJson.writeLayout(reference, json);
            json.writeNumberField("raid_devices", reference.raidDisks());
            json.writeNumberField("chunk_bytes", Sectors.toBytes(reference.chunkSectors()));
            try {
                LayoutMap layout = array.layout();
                MapJson.write(layout, json);
            } catch (ArrayRefusedException e) {
                json.writeStringField("no_map", e.getMessage());
            }
            MapJson.write(array.devices, json);
            json.writeEndObject();
        }
    }
}
