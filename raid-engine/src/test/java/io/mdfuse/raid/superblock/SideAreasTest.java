package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mdfuse.device.BlockDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The partial parity log beside a superblock. */
final class SideAreasTest {
    private static ByteBuffer page(BlockDevice device, long sector) throws Exception {
        return ByteBuffer.wrap(DevicePage.read(device, sector, 4096)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void anEmptyLogHasMdsFormat() throws Exception {
        FoundDevice device =
                SuperblockDisks.device(0, e -> e.featureMap(Features.PPL).ppl(8, 2032));
        PplArea.writeEmpty(device.device(), device.superblock());
        ByteBuffer header = page(device.device(), 16);
        for (int at = 0; at < 512; at++) {
            assertEquals((byte) 0xff, header.get(at));
        }
        assertEquals(0xd9c908eb, header.getInt(512));
        assertEquals(1, header.getLong(520));
        assertEquals(0, header.getInt(528));
    }

    @Test
    void anEmptyLogIsNewerThanAllHeadersAndTheOnlyOne() throws Exception {
        FoundDevice device = SuperblockDisks.device(
                0, e -> e.featureMap(Features.MULTIPLE_PPLS).ppl(8, 2032));
        for (int time = 0; time < 5; time++) {
            PplArea.writeEmpty(device.device(), device.superblock());
        }
        byte[] newest = page(device.device(), 16).array();
        PplArea.writeEmpty(device.device(), SampleSuperblock.of(0).edit(e -> e.ppl(8, 8)));
        DevicePage.write(device.device(), 16 + 264, newest, 4096);
        DevicePage.write(device.device(), 16, new byte[4096], 4096);
        PplArea.writeEmpty(device.device(), device.superblock());
        assertEquals(6, page(device.device(), 16).getLong(520));
        assertArrayEquals(new byte[4096], page(device.device(), 16 + 264).array());
    }

    @Test
    void anAreaThatIsNotOnTheDeviceIsRefused() throws Exception {
        FoundDevice device = SuperblockDisks.device(0, e -> {});
        for (int[] area : new int[][] {{8, 0}, {8, 7}, {-9, 64}, {8, 16384}}) {
            Superblock superblock = device.superblock().edit(e -> e.ppl(area[0], area[1]));
            assertThrows(IllegalArgumentException.class, () -> PplArea.writeEmpty(device.device(), superblock));
        }
    }

    @Test
    void uuidsInBothForms() {
        byte[] uuid = SampleSuperblock.of(0).setUuid();
        assertArrayEquals(uuid, MdUuid.parse("00010203:04050607:08090a0b:0c0d0e0f"));
        assertArrayEquals(uuid, MdUuid.parse("00010203-0405-0607-0809-0A0B0C0D0E0F"));
        assertEquals("00010203:04050607:08090a0b:0c0d0e0f", MdUuid.format(uuid));
        for (String wrong : new String[] {"", "00010203", "0".repeat(33), "x".repeat(32)}) {
            assertThrows(IllegalArgumentException.class, () -> MdUuid.parse(wrong));
        }
    }
}
