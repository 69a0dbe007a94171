package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares the layout with the offsets that a compiler computes from the kernel's public header. */
final class SuperblockLayoutTest {
    /** The name of each field and its offset in bytes, or its value for the constants at the end. */
    private static final List<String> KERNEL_OFFSETS = List.of(
            "MAGIC 0",
            "MAJOR_VERSION 4",
            "FEATURE_MAP 8",
            "PAD0 12",
            "SET_UUID 16",
            "SET_NAME 32",
            "CTIME 64",
            "LEVEL 72",
            "LAYOUT 76",
            "SIZE 80",
            "CHUNK_SIZE 88",
            "RAID_DISKS 92",
            "BITMAP_OFFSET 96",
            "PPL_OFFSET 96",
            "PPL_SIZE 98",
            "NEW_LEVEL 100",
            "RESHAPE_POSITION 104",
            "DELTA_DISKS 112",
            "NEW_LAYOUT 116",
            "NEW_CHUNK 120",
            "NEW_OFFSET 124",
            "DATA_OFFSET 128",
            "DATA_SIZE 136",
            "SUPER_OFFSET 144",
            "RECOVERY_OFFSET 152",
            "JOURNAL_TAIL 152",
            "DEV_NUMBER 160",
            "CORRECTED_READS 164",
            "DEVICE_UUID 168",
            "DEV_FLAGS 184",
            "BBLOG_SHIFT 185",
            "BBLOG_SIZE 186",
            "BBLOG_OFFSET 188",
            "UTIME 192",
            "EVENTS 200",
            "RESYNC_OFFSET 208",
            "CHECKSUM 216",
            "MAX_DEV 220",
            "LOGICAL_BLOCK_SIZE 224",
            "PAD3 228",
            "DEV_ROLES 256",
            "PAD3_BYTES 28",
            "UUID_BYTES 16",
            "NAME_BYTES 32",
            "READ_BYTES 4096",
            "MAX_DEVICES 1920",
            "MAGIC_VALUE -1456779524",
            "MAJOR_VERSION_VALUE 1");

    @Test
    void everyOffsetIsThatOfTheKernelsHeader() throws IllegalAccessException {
        Map<String, Integer> kernel = new TreeMap<>();
        for (String name : KERNEL_OFFSETS) {
            kernel.put(name.substring(0, name.indexOf(' ')), Integer.valueOf(name.substring(name.indexOf(' ') + 1)));
        }
        Map<String, Integer> ours = new TreeMap<>();
        for (Field field : SuperblockLayout.class.getFields()) {
            ours.put(field.getName(), field.getInt(null));
        }
        assertEquals(kernel, ours);
    }

    @Test
    void thePositionsOfTheThreeVersions() {
        assertEquals(0, MetadataVersion.V1_1.superSector(100));
        assertEquals(8, MetadataVersion.V1_2.superSector(100));
        assertEquals(32752, MetadataVersion.V1_0.superSector(32768));
        assertEquals(32752, MetadataVersion.V1_0.superSector(32775));
        assertEquals(32760, MetadataVersion.V1_0.superSector(32776));
        assertEquals(-1, MetadataVersion.V1_0.superSector(15));
        assertEquals(-1, MetadataVersion.V1_2.superSector(15));
        assertEquals(8, MetadataVersion.V1_2.superSector(16));
        assertEquals(-1, MetadataVersion.V1_1.superSector(7));
    }
}
