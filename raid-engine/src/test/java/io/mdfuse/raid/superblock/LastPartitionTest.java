package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * A whole disk of 2048 sectors whose superblock is at 1920. A partition that begins at a multiple of 128 and ends with
 * the disk has its superblock at the same sector.
 */
final class LastPartitionTest {
    private static CrashDisk disk(int usedKib) throws Exception {
        return Sample090.disk(Sample090.of(0, page -> page.putInt(32, usedKib)));
    }

    private static void putDos(CrashDisk disk, int type, int start, int sectors) throws Exception {
        ByteBuffer page = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        page.putShort(510, (short) 0xaa55);
        page.put(446 + 16 + 4, (byte) type).putInt(446 + 16 + 8, start).putInt(446 + 16 + 12, sectors);
        DevicePage.write(disk, 0, page.array(), 512);
    }

    private static void putGpt(CrashDisk disk, int sectorBytes, long first, long last) throws Exception {
        putDos(disk, 0xee, 1, 2047);
        byte[] header = new byte[512];
        ByteBuffer page = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        page.put(0, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        page.putLong(72, 2).putInt(80, 8).putInt(84, 128);
        DevicePage.write(disk, sectorBytes / 512, header, 512);
        byte[] table = new byte[1024];
        ByteBuffer entries = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        entries.putLong(3 * 128, 1).putLong(3 * 128 + 32, first).putLong(3 * 128 + 40, last);
        DevicePage.write(disk, 2L * sectorBytes / 512, table, 1024);
    }

    private static void refused(CrashDisk disk) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> MemberLocator.require(disk));
        assertEquals(Reason.UNSAFE, e.reason());
        assertTrue(e.toString().contains("partition"), e.getMessage());
    }

    private static void taken(CrashDisk disk) throws Exception {
        assertEquals(
                MetadataVersion.V0_90, MemberLocator.require(disk).superblock().metadataVersion());
    }

    @Test
    void aDiskWithALargeEnoughPartitionIsRefused() throws Exception {
        CrashDisk disk = disk(832);
        taken(disk);
        putDos(disk, 0xfd, 256, 2048 - 256);
        refused(disk);
        putDos(disk, 0xfd, 256, 2048 - 256 - 127);
        taken(disk);
    }

    @Test
    void aPartitionThatIsTooSmallIsIgnored() throws Exception {
        CrashDisk disk = disk(833);
        putDos(disk, 0xfd, 256, 2048 - 256);
        taken(disk);
    }

    @Test
    void aPartitionWhoseSuperblockWouldLieElsewhereIsIgnored() throws Exception {
        CrashDisk disk = disk(64);
        putDos(disk, 0xfd, 63, 2048 - 63);
        taken(disk);
        putDos(disk, 0xfd, 256, 1024);
        taken(disk);
        putDos(disk, 0xfd, 256, 4096);
        taken(disk);
        putDos(disk, 0, 256, 2048 - 256);
        taken(disk);
    }

    @Test
    void anExtendedPartitionMayContainTheMember() throws Exception {
        CrashDisk disk = disk(64);
        for (int type : new int[] {0x05, 0x0f, 0x85}) {
            putDos(disk, type, 100, 2048 - 100);
            refused(disk);
        }
        putDos(disk, 0x05, 100, 1000);
        taken(disk);
    }

    @Test
    void partitionsOfAGptAreCheckedToo() throws Exception {
        CrashDisk disk = disk(64);
        putGpt(disk, 512, 128, 2047);
        refused(disk);
        putGpt(disk, 512, 129, 2047);
        taken(disk);
        CrashDisk large = disk(64);
        putGpt(large, 4096, 16, 255);
        refused(large);
    }

    @Test
    void anInvalidTableIsIgnored() throws Exception {
        CrashDisk disk = disk(64);
        byte[] noise = new byte[4 * 512];
        Arrays.fill(noise, (byte) 0xff);
        byte[] signature = "EFI PART".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(signature, 0, noise, 512, signature.length);
        DevicePage.write(disk, 0, noise, noise.length);
        taken(disk);
    }
}
