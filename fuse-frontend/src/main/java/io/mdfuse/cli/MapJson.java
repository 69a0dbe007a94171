package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.xray.DeviceMap;
import io.mdfuse.raid.xray.DeviceMap.Area;
import io.mdfuse.raid.xray.LayoutMap;
import io.mdfuse.raid.xray.MapCell;
import io.mdfuse.raid.xray.MapRow;
import io.mdfuse.raid.xray.MapSpan;
import java.io.IOException;
import java.util.List;

/** The same as {@link MapText}, as fields of a JSON object. */
final class MapJson {
    private MapJson() {}

    static void write(LayoutMap layout, JsonGenerator json) throws IOException {
        json.writeNumberField("volume_bytes", Sectors.toBytes(layout.volumeSectors()));
        json.writeArrayFieldStart("rows");
        for (MapRow row : layout.rows()) {
            json.writeStartObject();
            json.writeNumberField("data_byte", Sectors.toBytes(row.memberSector()));
            json.writeArrayFieldStart("slots");
            for (MapCell cell : row.cells()) {
                write(cell, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("spans");
        for (MapSpan span : layout.spans()) {
            json.writeStartObject();
            json.writeNumberField("slot", span.slot());
            json.writeNumberField("data_byte", Sectors.toBytes(span.memberSector()));
            json.writeNumberField("volume_byte", Sectors.toBytes(span.volumeSector()));
            json.writeNumberField("bytes", Sectors.toBytes(span.sectors()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(MapCell cell, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("holds", cell.kind().word());
        if (cell.kind() == MapCell.Kind.DATA) {
            json.writeNumberField("chunk", cell.chunk());
        }
        json.writeEndObject();
    }

    static void write(List<DeviceMap> devices, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("devices");
        for (DeviceMap device : devices) {
            json.writeStartObject();
            json.writeStringField("device", device.device());
            json.writeNumberField("size_bytes", device.sizeBytes());
            json.writeStringField("role", device.role());
            json.writeArrayFieldStart("areas");
            for (Area area : device.areas()) {
                json.writeStartObject();
                json.writeStringField("holds", area.holds());
                json.writeNumberField("start_byte", area.startByte());
                json.writeNumberField("bytes", area.bytes());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
