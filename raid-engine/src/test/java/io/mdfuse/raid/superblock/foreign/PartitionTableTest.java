package io.mdfuse.raid.superblock.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Kind;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Tables as sfdisk writes them, with each field set by the test; a disk of 4 MiB. */
final class PartitionTableTest {
    private static final int DISK_BYTES = 4 << 20;
    private static final String LINUX_RAID = "A19D880F-05FC-4D3B-A006-743F0F84911E";

    /** How many changed tables are tried; {@code -Dmdfuse.fuzz=100000} tries as many. */
    private static final int INPUTS = Integer.getInteger("mdfuse.fuzz", 2000);

    private final CrashDisk disk = new CrashDisk("d", DISK_BYTES);

    private void put(long offsetBytes, ByteBuffer page) throws DeviceException {
        disk.write(offsetBytes, MemorySegment.ofBuffer(page.rewind()));
    }

    private static ByteBuffer page(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A sector with entries of type, first sector and sectors. */
    private void putDos(long sector, int[]... entries) throws DeviceException {
        ByteBuffer page = page(512).putShort(510, (short) 0xaa55);
        for (int index = 0; index < entries.length; index++) {
            int at = 446 + 16 * index;
            page.put(at + 4, (byte) entries[index][0]);
            page.putInt(at + 8, entries[index][1]).putInt(at + 12, entries[index][2]);
        }
        put(sector * 512, page);
    }

    private void putGpt(int sectorBytes, long headerSector, long tableSector) throws DeviceException {
        ByteBuffer table = page(8 * 128);
        int at = 4 * 128;
        table.putInt(at, 0xa19d880f).putShort(at + 4, (short) 0x05fc).putShort(at + 6, (short) 0x4d3b);
        table.putLong(at + 8, Long.reverseBytes(0xa006_743f_0f84_911eL));
        table.putLong(at + 32, 100).putLong(at + 40, 199);
        put(tableSector * sectorBytes, table);
        ByteBuffer header = page(512);
        header.put(0, "EFI PART".getBytes(StandardCharsets.US_ASCII))
                .putInt(8, 0x10000)
                .putInt(12, 92);
        header.putLong(24, headerSector).putLong(72, tableSector).putInt(80, 8).putInt(84, 128);
        header.putInt(88, crc(table, table.capacity()));
        header.putInt(16, crc(header, 92));
        put(headerSector * sectorBytes, header);
    }

    private static int crc(ByteBuffer bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes.slice(0, length));
        return (int) crc.getValue();
    }

    private PartitionTable found() throws DeviceException {
        return PartitionTables.find(disk).orElseThrow();
    }

    @Test
    void aGptOfBothSectorSizes() throws Exception {
        putGpt(512, 1, 2);
        assertEquals(new PartitionTable(Kind.GPT, List.of(new Partition(5, 100, 200, LINUX_RAID, false))), found());
        putGpt(4096, 1, 2);
        put(512, page(512));
        assertEquals(new PartitionTable(Kind.GPT, List.of(new Partition(5, 800, 1600, LINUX_RAID, false))), found());
    }

    @Test
    void theSecondCopyIsUsedIfTheFirstIsDamaged() throws Exception {
        putGpt(512, 1, 2);
        long last = DISK_BYTES / 512 - 1;
        putGpt(512, last, last - 32);
        assertEquals(Kind.GPT, found().kind());
        disk.write(2 * 512 + 4 * 128 + 32, MemorySegment.ofArray(new byte[] {77}));
        assertEquals(Kind.GPT_COPY, found().kind());
        assertEquals(5, found().partitions().getFirst().number());
        put(512, page(512));
        assertEquals(Kind.GPT_COPY, found().kind());
        disk.write(last * 512 + 72, MemorySegment.ofArray(new byte[] {1}));
        assertEquals(Optional.empty(), PartitionTables.find(disk));
    }

    @Test
    void logicalPartitionsOfADosTable() throws Exception {
        putDos(0, new int[] {0xfd, 64, 100}, new int[] {0x05, 200, 5000});
        putDos(200, new int[] {0x83, 10, 90}, new int[] {0x05, 300, 400});
        putDos(500, new int[] {0xfd, 10, 50});
        assertEquals(
                List.of(
                        new Partition(1, 64, 164, "fd", false),
                        new Partition(2, 200, 5200, "05", true),
                        new Partition(5, 210, 300, "83", false),
                        new Partition(6, 510, 560, "fd", false)),
                found().partitions());
        assertEquals(Kind.DOS, found().kind());
    }

    @Test
    void aChainThatLoopsOrLeavesTheDiskEnds() throws Exception {
        putDos(0, new int[] {0x0f, 200, 5000});
        putDos(200, new int[] {0x83, 10, 90}, new int[] {0x05, 300, 400});
        putDos(500, new int[] {0x83, 10, 90}, new int[] {0x05, 0, 400});
        // The second sector names the first again, which is not read twice.
        assertEquals(3, found().partitions().size());
        putDos(200, new int[] {0x83, 10, 90}, new int[] {0x05, Integer.MAX_VALUE, 400});
        assertEquals(2, found().partitions().size());
    }

    @Test
    void aBootSectorIsNoTable() throws Exception {
        ByteBuffer page = page(512).putShort(510, (short) 0xaa55);
        put(0, page);
        assertEquals(Optional.empty(), PartitionTables.find(disk));
        page.put(446, (byte) 0x33).put(450, (byte) 0x83).putInt(454, 64).putInt(458, 100);
        put(0, page);
        assertEquals(Optional.empty(), PartitionTables.find(disk));
    }

    @Test
    void aGptOfNoEntriesThatAreTooLongIsNotTaken() throws Exception {
        putGpt(512, 1, 2);
        ByteBuffer header = page(512);
        disk.read(512, MemorySegment.ofBuffer(header));
        header.putInt(80, 0).putInt(84, -1).putInt(88, 0).putInt(16, 0);
        header.putInt(16, crc(header, 92));
        put(512, header);
        assertEquals(Optional.empty(), PartitionTables.find(disk));
        assertEquals(List.of(), PartitionTables.all(disk));
    }

    /** Changed fields under correct checksums, so that they are not refused at the door. */
    @Test
    void changedFieldsOfAGptRaiseNoError() throws Exception {
        Random random = new Random(12);
        long sectors = DISK_BYTES / 512;
        long[] values = {0, 1, 2, 3, 34, 99, 100, 199, sectors - 1, sectors, 1L << 31, 1L << 55, -1, Long.MAX_VALUE};
        int[] longFields = {24, 32, 40, 48, 72};
        int read = 0;
        for (int round = 0; round < INPUTS; round++) {
            putGpt(512, 1, 2);
            ByteBuffer header = page(512);
            ByteBuffer table = page(8 * 128);
            disk.read(512, MemorySegment.ofBuffer(header));
            disk.read(1024, MemorySegment.ofBuffer(table));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                long value = values[random.nextInt(values.length)];
                switch (random.nextInt(6)) {
                    case 0 -> header.putLong(longFields[random.nextInt(longFields.length)], value);
                    case 1 -> header.putInt(80, random.nextInt(3) == 0 ? (int) value : random.nextInt(12));
                    case 2 -> header.putInt(84, random.nextInt(3) == 0 ? (int) value : 128 << random.nextInt(4));
                    case 3 -> header.putInt(12, random.nextInt(3) == 0 ? (int) value : 92 + random.nextInt(420));
                    default -> table.putLong(random.nextInt(8) * 128 + 32 + 8 * random.nextInt(2), value);
                }
            }
            int tableBytes = Math.clamp((long) header.getInt(80) * header.getInt(84), 0, table.capacity());
            header.putInt(88, crc(table, tableBytes)).putInt(16, 0);
            header.putInt(16, crc(header, Math.clamp(header.getInt(12), 92, 512)));
            put(512, header);
            put(1024, table);
            PartitionTables.all(disk);
            Optional<PartitionTable> found = PartitionTables.find(disk);
            read += found.filter(each -> !each.partitions().isEmpty()).isPresent() ? 1 : 0;
            assertTrue(found.map(each -> each.partitions().size()).orElse(0) <= 8, "round " + round);
        }
        assertTrue(read > INPUTS / 4, read + " of the tables were read");
    }

    /** Whatever the bytes are, only a device that can't be read causes an error. */
    @Test
    void noiseRaisesNoError() throws Exception {
        Random random = new Random(11);
        for (int round = 0; round < INPUTS; round++) {
            CrashDisk noisy = new CrashDisk("d", 64 << 10);
            byte[] noise = new byte[64 << 10];
            random.nextBytes(noise);
            ByteBuffer bytes = ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putShort(510, (short) 0xaa55);
            int header = random.nextBoolean() ? 512 : 4096;
            bytes.put(header, "EFI PART".getBytes(StandardCharsets.US_ASCII));
            if (random.nextBoolean()) {
                bytes.putLong(header + 72, random.nextInt(200)).putInt(header + 80, random.nextInt(300));
                bytes.putInt(header + 84, 128 << random.nextInt(6));
            }
            for (int entry = 0; entry < 4; entry++) {
                bytes.put(446 + 16 * entry, (byte) 0);
                bytes.putInt(446 + 16 * entry + 8, random.nextInt(140));
                bytes.put(446 + 16 * entry + 4, (byte) (random.nextBoolean() ? 5 : 0xfd));
            }
            noisy.write(0, MemorySegment.ofArray(noise));
            PartitionTables.all(noisy);
            PartitionTables.find(noisy)
                    .ifPresent(table -> assertTrue(table.partitions().size() < 100));
            DeviceContent.find(noisy);
        }
        for (int bytes = 0; bytes < 1200; bytes += 100) {
            CrashDisk small = new CrashDisk("small", bytes);
            assertEquals(Optional.empty(), PartitionTables.find(small));
            assertEquals(List.of(), PartitionTables.all(small));
        }
    }
}
