package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The partial parity log of a member. */
final class PplAreaTest {
    private static ByteBuffer page(BlockDevice device, long sector) throws Exception {
        return ByteBuffer.wrap(DevicePage.read(device, sector, 4096)).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void anEmptyLogHasMdsFormat() throws Exception {
        FoundDevice device =
                SuperblockDisks.device(0, e -> e.featureMap(Features.PPL).ppl(8, 2032));
        PplArea.of(device).format();
        ByteBuffer header = page(device.device(), 16);
        for (int at = 0; at < 512; at++) {
            assertEquals((byte) 0xff, header.get(at));
        }
        assertEquals(0xd9c908eb, header.getInt(512));
        assertEquals(1, header.getLong(520));
        assertEquals(0, header.getInt(528));
    }

    @Test
    void aFormattedLogIsNewerThanAllHeadersAndTheOnlyOne() throws Exception {
        FoundDevice device = SuperblockDisks.device(
                0, e -> e.featureMap(Features.MULTIPLE_PPLS).ppl(8, 2032));
        for (int time = 0; time < 5; time++) {
            PplArea.of(device).format();
        }
        byte[] newest = page(device.device(), 16).array();
        PplArea.of(new FoundDevice(device.device(), SampleSuperblock.of(0).edit(e -> e.ppl(8, 16))))
                .format();
        DevicePage.write(device.device(), 16 + 264, newest, 4096);
        DevicePage.write(device.device(), 16, new byte[4096], 4096);
        PplArea.of(device).format();
        assertEquals(6, page(device.device(), 16).getLong(520));
        assertArrayEquals(new byte[4096], page(device.device(), 16 + 264).array());
    }

    /** md writes one log after the other: they are read while generations grow, up to the first invalid head. */
    @Test
    void theNewestOfSeveralLogsIsFound() throws Exception {
        FoundDevice device = SuperblockDisks.device(
                0, e -> e.featureMap(Features.MULTIPLE_PPLS).ppl(8, 2032));
        byte[] uuid = device.superblock().setUuid();
        long[] generations = {4, 5, 6, 2, 9};
        for (int i = 0; i < generations.length; i++) {
            PplEntry entry = new PplEntry(i, 8192, 8192, 0, 0);
            byte[] head = new PplHeader(generations[i], List.of(entry)).encode(uuid);
            DevicePage.write(device.device(), 16 + i * 24L, head, 4096);
        }
        PplArea.Log newest = PplArea.of(device).newest().orElseThrow();
        assertEquals(6, newest.head().generation());
        assertEquals(16 + 2 * 24 + 8, newest.partialSector());
        assertEquals(new PplEntry(2, 8192, 8192, 0, 0), newest.head().entries().getFirst());
        DevicePage.write(device.device(), 16, new byte[4096], 4096);
        assertTrue(PplArea.of(device).newest().isEmpty());
    }

    @Test
    void anAreaThatIsNotFreeIsRefused() throws Exception {
        FoundDevice device = SuperblockDisks.device(0, e -> {});
        for (int[] area : new int[][] {{8, 0}, {8, 15}, {-9, 64}, {8, 16384}, {8, 2040}, {0, 64}, {4000, 64}}) {
            Superblock superblock = device.superblock().edit(e -> e.ppl(area[0], area[1]));
            FoundDevice absurd = new FoundDevice(device.device(), superblock);
            assertThrows(ArrayRefusedException.class, () -> PplArea.of(absurd));
        }
    }
}
