package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class SuperblockLocatorTest {
    private static final long OLD = 1_600_000_000L;
    private final CrashDisk disk = SuperblockDisks.blank("d");

    private static Superblock at(MetadataVersion version, Consumer<SuperblockEditor> change) {
        long sector = version.superSector(SampleSuperblock.DEVICE_SECTORS);
        return SampleSuperblock.of(0).edit(editor -> {
            editor.superOffsetSectors(sector);
            if (version == MetadataVersion.V1_0) {
                editor.data(0, sector - 16);
            }
            change.accept(editor);
        });
    }

    private MetadataVersion found() throws Exception {
        return SuperblockLocator.find(disk).orElseThrow().metadataVersion();
    }

    private Reason refused() {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> MemberLocator.require(disk));
        assertTrue(e.toString().contains(": d: "), e.toString());
        return e.reason();
    }

    @Test
    void eachVersionIsFoundAtItsPosition() throws Exception {
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            CrashDisk one = SuperblockDisks.blank("one");
            SuperblockDisks.put(one, at(version, e -> e.events(5)));
            Superblock superblock = MemberLocator.require(one).superblock();
            assertEquals(version, superblock.metadataVersion());
            assertEquals(5, superblock.events());
        }
    }

    @Test
    void aDeviceWithoutASuperblockIsRefused() throws Exception {
        assertEquals(Optional.empty(), SuperblockLocator.find(disk));
        assertEquals(Reason.MISSING, refused());
    }

    @Test
    void aDeviceTooSmallForASuperblockHasNone() throws Exception {
        for (long bytes : new long[] {0, 512, 4096, 8191, 8192, 65536}) {
            assertEquals(Optional.empty(), SuperblockLocator.find(new CrashDisk("small", bytes)), "" + bytes);
        }
    }

    @Test
    void aDamagedSuperblockIsRefused() throws Exception {
        byte[] bytes = at(MetadataVersion.V1_2, e -> {}).toBytes();
        bytes[300] ^= 1;
        DevicePage.write(disk, 8, bytes, bytes.length);
        assertEquals(Reason.CORRUPT, refused());
    }

    @Test
    void ofTwoSuperblocksTheNewerCreationIsTaken() throws Exception {
        SuperblockDisks.put(disk, at(MetadataVersion.V1_2, e -> e.ctimeSeconds(OLD)));
        SuperblockDisks.put(disk, at(MetadataVersion.V1_0, e -> {}));
        assertEquals(MetadataVersion.V1_0, found());
        SuperblockDisks.put(disk, at(MetadataVersion.V1_1, e -> e.ctimeSeconds(OLD + 900_000_000L)));
        assertEquals(MetadataVersion.V1_1, found());
    }

    @Test
    void aDamagedSuperblockIsSkippedIfAnotherIsValid() throws Exception {
        byte[] bytes = at(MetadataVersion.V1_0, e -> {}).toBytes();
        bytes[300] ^= 1;
        DevicePage.write(disk, MetadataVersion.V1_0.superSector(SampleSuperblock.DEVICE_SECTORS), bytes, bytes.length);
        SuperblockDisks.put(disk, at(MetadataVersion.V1_2, e -> e.ctimeSeconds(OLD)));
        assertEquals(MetadataVersion.V1_2, found());
    }

    @Test
    void theSuperblockOfAnArrayInsideTheDataIsNotTaken() throws Exception {
        // The superblock of an array that was created inside this 1.0 member's array, larger than the member: at sector
        // 8 of
        // its data.
        SuperblockDisks.put(disk, at(MetadataVersion.V1_0, e -> e.ctimeSeconds(OLD)));
        SuperblockDisks.put(disk, at(MetadataVersion.V1_2, e -> e.data(2048, 60_000)));
        assertEquals(MetadataVersion.V1_0, found());
    }

    @Test
    void anUnsupportedNewestSuperblockIsRefused() throws Exception {
        SuperblockDisks.put(disk, at(MetadataVersion.V1_0, e -> e.ctimeSeconds(OLD)));
        SuperblockDisks.put(disk, at(MetadataVersion.V1_2, e -> e.featureMap(1 << 20)));
        assertEquals(Reason.UNSUPPORTED, refused());
        SuperblockDisks.put(
                disk, at(MetadataVersion.V1_2, e -> e.featureMap(1 << 20).ctimeSeconds(OLD - 1)));
        assertEquals(MetadataVersion.V1_0, found());
    }

    /** A bad sector at the position of another version's superblock is usually data of the array. */
    @Test
    void anUnreadablePositionIsSkippedIfAnotherIsValid() throws Exception {
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            for (MetadataVersion unreadable : MetadataVersion.VERSION_1) {
                CrashDisk sound = SuperblockDisks.blank("d");
                SuperblockDisks.put(sound, at(version, e -> {}));
                long place = unreadable.superSector(SampleSuperblock.DEVICE_SECTORS);
                FaultPlan plan = new FaultPlan(1).badSectors(Sectors.toBytes(place), Sectors.BYTES);
                FaultyDevice device = new FaultyDevice(sound, plan);
                if (version == unreadable) {
                    assertThrows(DeviceException.class, () -> SuperblockLocator.find(device));
                } else {
                    assertEquals(
                            version,
                            SuperblockLocator.find(device).orElseThrow().metadataVersion());
                    // A caller that will write must know what is at every position.
                    assertThrows(DeviceException.class, () -> SuperblockLocator.findCertain(device));
                }
            }
        }
    }

    @Test
    void anUnreadablePositionIsNotABlankDevice() {
        FaultPlan plan = new FaultPlan(1).badSectors(0, Sectors.BYTES);
        assertThrows(DeviceException.class, () -> SuperblockLocator.find(new FaultyDevice(disk, plan)));
    }

    private void put090(long ctime) throws DeviceException {
        Sample090.put(disk, Sample090.of(1, page -> page.putInt(24, (int) ctime)));
    }

    @Test
    void metadata090IsComparedByItsAge() throws Exception {
        SuperblockDisks.put(disk, at(MetadataVersion.V1_2, e -> {}));
        put090(OLD);
        assertEquals(MetadataVersion.V1_2, found());
        put090(OLD + 900_000_000L);
        assertEquals(MetadataVersion.V0_90, found());
        Sample090.put(disk, Sample090.of(1, page -> page.putInt(132, 1 << 5).putInt(24, -1)));
        assertEquals(Reason.UNSUPPORTED, refused());
    }
}
