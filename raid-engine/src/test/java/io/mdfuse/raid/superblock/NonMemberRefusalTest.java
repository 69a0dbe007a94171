package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The refusal of a device that has no superblock at any of md's positions. */
final class NonMemberRefusalTest {
    private static final long MEMBER_SECTORS = SampleSuperblock.DEVICE_SECTORS;

    private static Superblock one(MetadataVersion version) {
        long sector = version.superSector(MEMBER_SECTORS);
        return SampleSuperblock.of(0).edit(editor -> {
            editor.superOffsetSectors(sector);
            if (version == MetadataVersion.V1_0) {
                editor.data(0, sector - 16);
            }
        });
    }

    private static void put(CrashDisk disk, long baseSector, Superblock superblock) throws DeviceException {
        DevicePage.write(disk, baseSector + superblock.superOffsetSectors(), superblock.toBytes(), 4096);
    }

    private static void putText(CrashDisk disk, long offsetBytes, String text) throws DeviceException {
        disk.write(offsetBytes, MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static ArrayRefusedException refused(CrashDisk disk) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> MemberLocator.require(disk));
        assertTrue(e.toString().contains(": d: "), e.toString());
        assertTrue(e.toString().lines().count() == 1, e.toString());
        return e;
    }

    private static void assertTooLong(CrashDisk disk, long diskBytes, MetadataVersion version) throws Exception {
        ArrayRefusedException e = refused(disk);
        assertEquals(Reason.UNSAFE, e.reason());
        assertTrue(e.toString().contains("truncate --size=" + diskBytes + " d"), e.toString());
        assertTrue(e.toString().contains((disk.sizeBytes() - diskBytes) + " bytes longer"), e.toString());
        FoundDevice found = MemberLocator.requireForReading(disk);
        assertEquals(version, found.superblock().metadataVersion());
        assertEquals(diskBytes, found.device().sizeBytes());
        assertThrows(DeviceException.class, () -> found.device().write(0, MemorySegment.ofArray(new byte[1])));
    }

    @ParameterizedTest
    @ValueSource(longs = {8 * 512, 4096 + 512, 100_000, 1 << 20, 40_000_001})
    void anImageThatIsTooLongSaysHowLongTheDiskWas(long excessBytes) throws Exception {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS) + excessBytes);
        put(disk, 0, one(MetadataVersion.V1_0));
        assertTooLong(disk, Sectors.toBytes(MEMBER_SECTORS), MetadataVersion.V1_0);
        // Metadata 0.90 moves in steps of 64 KiB; with a smaller excess its position is the same.
        CrashDisk old = new CrashDisk("d", Sectors.toBytes(Sample090.DEVICE_SECTORS) + 65536 + excessBytes);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            DevicePage.write(old, Sample090.SUPER_SECTOR, Sample090.of(1, order, page -> {}), 4096);
            assertTooLong(old, Sectors.toBytes(Sample090.DEVICE_SECTORS), MetadataVersion.V0_90);
        }
    }

    /** A disk of 500 GB, copied to one of 1 TB: too much to read, but the position for a disk of that size is known. */
    @Test
    void aDiskThatWasCopiedToALargerOne() throws Exception {
        long sectors = 976_773_168;
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(1_953_525_168L));
        long sector = MetadataVersion.V1_0.superSector(sectors);
        put(
                disk,
                0,
                SampleSuperblock.of(0)
                        .edit(editor -> editor.superOffsetSectors(sector).data(0, sector - 16)));
        assertTooLong(disk, Sectors.toBytes(sector + 16), MetadataVersion.V1_0);
    }

    @Test
    void aSuperblockAtAnotherSectorThanItsOwnIsIgnored() throws Exception {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS) + (1 << 20));
        put(disk, 64, one(MetadataVersion.V1_0));
        assertEquals(Reason.MISSING, refused(disk).reason());
        assertEquals(Optional.empty(), MemberLocator.findOverlong(disk));
        // The same for a superblock in the data of a member that has its own superblock at the right position.
        CrashDisk member = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS) * 2);
        put(member, 0, one(MetadataVersion.V1_0));
        put(member, 0, one(MetadataVersion.V1_2));
        assertEquals(
                MetadataVersion.V1_2,
                MemberLocator.requireForReading(member).superblock().metadataVersion());
    }

    /** Of a disk whose partition table is damaged the boot sector may be left. */
    @Test
    void ofADamagedPartitionTableTheNextStepIsNamed() throws Exception {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS) + (4 << 20));
        disk.write(510, MemorySegment.ofArray(new byte[] {0x55, (byte) 0xaa}));
        assertTrue(refused(disk).toString().contains("as d@1M,2T (offset, length)"));
    }

    @Test
    void partitionsThatAreMembersAreNamed() throws Exception {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS) + (4 << 20));
        ByteBuffer table = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        table.putShort(510, (short) 0xaa55)
                .put(450, (byte) 0x83)
                .putInt(454, 64)
                .putInt(458, 1000);
        table.put(466, (byte) 0xfd).putInt(470, 2048).putInt(474, (int) MEMBER_SECTORS);
        DevicePage.write(disk, 0, table.array(), 512);
        ArrayRefusedException none = refused(disk);
        assertTrue(none.toString().contains("DOS partition table (MBR) and has no md superblock"), none.toString());
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            put(disk, 2048, one(version));
            ArrayRefusedException e = refused(disk);
            assertEquals(Reason.MISSING, e.reason());
            assertTrue(e.toString().contains("its partitions 2 (raid5 \"host:t\", slot 0 of 3)"), e.toString());
            assertTrue(e.toString().endsWith("give the partition, d@2"), e.toString());
            assertEquals(Optional.empty(), MemberLocator.findOverlong(disk), "the partition's, not the disk's");
            DevicePage.write(disk, 2048 + one(version).superOffsetSectors(), new byte[4096], 4096);
        }
    }

    /** A partition that ends with the disk has its 1.0 superblock at the position of the disk's. */
    @Test
    void theSuperblockOfTheLastPartitionIsNotTheDisks() throws Exception {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(MEMBER_SECTORS + 2048));
        ByteBuffer table = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        table.putShort(510, (short) 0xaa55);
        table.put(450, (byte) 0xfd).putInt(454, 2048).putInt(458, (int) MEMBER_SECTORS);
        DevicePage.write(disk, 0, table.array(), 512);
        put(disk, 2048, one(MetadataVersion.V1_0));
        assertTrue(refused(disk).toString().contains("its partitions 1 ("), "named, not corrupt");
    }

    @Test
    void aFileThatIsNotARawImageIsNamedEvenIfItEndsLikeAMember() throws Exception {
        CrashDisk disk = SuperblockDisks.blank("d");
        put(disk, 0, one(MetadataVersion.V1_0).edit(editor -> editor.superOffsetSectors(80)));
        DevicePage.write(
                disk,
                MetadataVersion.V1_0.superSector(MEMBER_SECTORS),
                one(MetadataVersion.V1_0)
                        .edit(editor -> editor.superOffsetSectors(80))
                        .toBytes(),
                4096);
        assertEquals(Reason.CORRUPT, refused(disk).reason());
        putText(disk, 0, "QFI");
        ArrayRefusedException e = refused(disk);
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(e.toString().contains("qemu-img convert"), e.toString());
    }

    @Test
    void otherContentIsNamedWithAdvice() throws Exception {
        CrashDisk intel = SuperblockDisks.blank("d");
        putText(intel, intel.sizeBytes() - 1024, "Intel Raid ISM Cfg Sig. 1.2.02");
        assertEquals(Reason.UNSUPPORTED, refused(intel).reason());
        assertTrue(refused(intel).toString().contains("Intel (IMSM"));
        CrashDisk lvm = SuperblockDisks.blank("d");
        putText(lvm, 512, "LABELONE");
        assertTrue(refused(lvm).toString().contains("holds an LVM physical volume"));
        assertEquals(Reason.MISSING, refused(lvm).reason());
        CrashDisk nothing = SuperblockDisks.blank("d");
        assertTrue(refused(nothing).toString().endsWith("it is not a member of an array"));
    }

    /** Noise with every magic in it always causes an ArrayRefusedException, and no other error. */
    @Test
    void noiseIsRefused() throws Exception {
        Random random = new Random(7);
        int[] places = {0, 4096, (128 << 10) - 8192, 64 << 10, 0, 16384};
        for (int round = 0; round < 600; round++) {
            byte[] noise = new byte[128 << 10];
            random.nextBytes(noise);
            ByteBuffer bytes = ByteBuffer.wrap(noise);
            ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
            int place = places[random.nextInt(places.length)];
            bytes.order(order).putInt(place, 0xa92b4efc).putInt(place + 4, random.nextInt(2));
            bytes.putInt(place + 8, 90 + random.nextInt(2)).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putShort(510, (short) 0xaa55).put(446, (byte) 0).putInt(454, random.nextInt(256));
            CrashDisk disk = new CrashDisk("d", noise.length - random.nextInt(3) * 4096);
            disk.write(0, MemorySegment.ofArray(noise).asSlice(0, disk.sizeBytes()));
            refused(disk);
            assertThrows(ArrayRefusedException.class, () -> MemberLocator.requireForReading(disk));
        }
    }
}
