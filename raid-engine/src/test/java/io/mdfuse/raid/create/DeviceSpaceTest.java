package io.mdfuse.raid.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.MetadataVersion;
import org.junit.jupiter.api.Test;

/** Compares the layout of devices with the superblocks that mdadm 4.2 wrote on devices of the same sizes. */
final class DeviceSpaceTest {
    private static void mdadmHas(
            MetadataVersion version,
            long deviceSectors,
            int chunkKib,
            long superSector,
            long start,
            long size,
            int log) {
        DeviceSpace expected = new DeviceSpace(superSector, start, size, log);
        assertEquals(expected, DeviceSpace.of(version, deviceSectors, 2 * chunkKib));
    }

    @Test
    void version12() {
        MetadataVersion v = MetadataVersion.V1_2;
        mdadmHas(v, 8192, 64, 8, 2048, 6144, 16);
        mdadmHas(v, 8192, 512, 8, 4096, 4096, 16);
        mdadmHas(v, 32768, 64, 8, 2048, 30720, 16);
        mdadmHas(v, 32768, 512, 8, 4096, 28672, 16);
        mdadmHas(v, 20001, 64, 8, 2048, 17953, 16);
        mdadmHas(v, 32775, 512, 8, 4096, 28679, 16);
        mdadmHas(v, 32775, 4096, 8, 18432, 14343, 16);
        mdadmHas(v, 409600, 64, 8, 2048, 407552, 16);
        mdadmHas(v, 409600, 512, 8, 4096, 405504, 16);
        mdadmHas(v, 409600, 4096, 8, 18432, 391168, 16);
        mdadmHas(v, 2097152, 64, 8, 4096, 2093056, 16);
        mdadmHas(v, 18874368, 64, 8, 18432, 18855936, 136);
        mdadmHas(v, 18874368, 4096, 8, 18432, 18855936, 136);
        mdadmHas(v, 125829120, 512, 8, 67584, 125761536, 136);
        mdadmHas(v, 419430400, 64, 8, 264192, 419166208, 136);
        mdadmHas(v, 2147483648L, 512, 8, 264192, 2147219456L, 264);
    }

    @Test
    void version11() {
        MetadataVersion v = MetadataVersion.V1_1;
        mdadmHas(v, 8192, 64, 0, 2048, 6144, 16);
        mdadmHas(v, 20001, 4, 0, 2048, 17953, 16);
        mdadmHas(v, 2097152, 4, 0, 4096, 2093056, 16);
        mdadmHas(v, 2147483648L, 4, 0, 264192, 2147219456L, 264);
    }

    @Test
    void version10() {
        MetadataVersion v = MetadataVersion.V1_0;
        mdadmHas(v, 2048, 64, 2032, 0, 2016, -8);
        mdadmHas(v, 8192, 64, 8176, 0, 8160, -8);
        mdadmHas(v, 20001, 64, 19984, 0, 19968, -8);
        mdadmHas(v, 32775, 64, 32752, 0, 32736, -8);
        mdadmHas(v, 18874368, 64, 18874352, 0, 18874216, -8);
        mdadmHas(v, 419430400, 64, 419430384, 0, 419430248, -8);
        mdadmHas(v, 2147483648L, 64, 2147483632L, 0, 2147483368L, -8);
    }

    @Test
    void aJournalKeepsNoHeadroomForAReshape() {
        DeviceSpace space = DeviceSpace.of(MetadataVersion.V1_2, 16384, 0);
        assertEquals(new DeviceSpace(8, 2048, 14336, 16), space);
    }

    @Test
    void aDeviceTooSmallHasNoRoomForData() {
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            for (long sectors = 0; sectors < 24; sectors++) {
                DeviceSpace space = DeviceSpace.of(version, sectors, 8);
                assertTrue(space.superSector() < 0 || space.dataSizeSectors() < 8, version + " " + sectors);
            }
        }
    }
}
