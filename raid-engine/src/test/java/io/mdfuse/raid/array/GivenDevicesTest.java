package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole disks, as a NAS has them: partition 1 a member of a RAID-1, partitions 2 and 3 members of a RAID-5 each. The
 * third disk has no partition 3.
 */
class GivenDevicesTest {
    private static final int PARTITION_SECTORS = 1024;
    private static final ArrayShape SHAPE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private static byte[] member(int number, int level, String name) throws IOException {
        CrashDisk disk = SHAPE.create(CrashTrace.notRecording()).get(number);
        byte[] uuid = new byte[16];
        Arrays.fill(uuid, (byte) name.hashCode());
        Superblocks.edit(disk, editor -> editor.level(level).setName(name).setUuid(uuid));
        byte[] bytes = new byte[(int) disk.sizeBytes()];
        disk.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    @BeforeEach
    void makeDisks() throws IOException {
        for (int number = 0; number < 3; number++) {
            ByteBuffer disk = ByteBuffer.allocate(4 * PARTITION_SECTORS * 512).order(ByteOrder.LITTLE_ENDIAN);
            int partitions = number == 2 ? 2 : 3;
            for (int partition = 1; partition <= partitions; partition++) {
                int entry = 446 + 16 * (partition - 1);
                disk.put(entry + 4, (byte) 0xfd).putInt(entry + 8, partition * PARTITION_SECTORS);
                disk.putInt(entry + 12, PARTITION_SECTORS);
                disk.put(
                        partition * PARTITION_SECTORS * 512,
                        member(number, partition == 1 ? 1 : 5, "nas:" + partition));
            }
            disk.putShort(510, (short) 0xaa55);
            Files.write(directory.resolve("disk" + number), disk.array());
        }
    }

    private List<DeviceSpec> specs(String... names) throws IOException {
        return Stream.of(names)
                .map(name -> name.contains("@")
                        ? DeviceSpec.of(directory.resolve(name.substring(0, 5))).partition(name.charAt(6) - '0')
                        : DeviceSpec.of(directory.resolve(name)))
                .toList();
    }

    private ChosenDevices choose(@Nullable String arrayName, String... names) throws IOException {
        return GivenDevices.choose(specs(names), arrayName);
    }

    private String refusal(@Nullable String arrayName, String... names) {
        return String.valueOf(assertThrows(ArrayRefusedException.class, () -> choose(arrayName, names))
                .getMessage());
    }

    @Test
    void severalArraysAreNamedAndOneIsChosen() throws IOException {
        String why = refusal(null, "disk0", "disk1", "disk2");
        assertTrue(why.contains("choose one with --name NAME"), why);
        assertTrue(why.contains("nas:1: RAID-1 of 3"), why);
        assertTrue(why.contains("nas:2: RAID-5 of 3"), why);
        assertTrue(why.contains("3 devices: disk0@2 disk1@2 disk2@2"), why);
        assertTrue(why.contains("2 devices: disk0@3 disk1@3"), why);
        assertEquals(
                specs("disk0@2", "disk1@2", "disk2@2"),
                choose("2", "disk0", "disk1", "disk2").devices());
        ChosenDevices third = choose("nas:3", "disk0", "disk1", "disk2");
        assertEquals(specs("disk0@3", "disk1@3"), third.devices());
        assertTrue(third.notes().toString().contains("disk2: none of its partitions"), third.toString());
        assertTrue(refusal("nas:4", "disk0").contains("no member of the array nas:4"), refusal("nas:4", "disk0"));
    }

    /** The directory gives the same; the arrays of the system do not count beside one that is served. */
    @Test
    void theOnlyServedArrayIsMeant() throws IOException {
        String why = String.valueOf(assertThrows(IOException.class, () -> DeviceSearch.only(directory))
                .getMessage());
        assertTrue(why.contains("several arrays"), why);
        assertEquals(
                specs("disk0@2", "disk1@2", "disk2@2"),
                DeviceSearch.named(directory, "2").devices());
        Files.delete(directory.resolve("disk0"));
        Files.delete(directory.resolve("disk1"));
        ChosenDevices found = DeviceSearch.only(directory);
        assertEquals(specs("disk2@2"), found.devices());
        assertTrue(found.notes().toString().contains("there, but not meant: nas:1"), found.toString());
        assertEquals(2, DeviceSearch.lines(directory).size());
        assertEquals(found.devices(), choose(null, "disk2").devices());
    }

    /** A member that is given directly says which array is meant. */
    @Test
    void wholeDisksBesideAMember() throws IOException {
        Files.write(directory.resolve("alone"), member(0, 5, "nas:3"));
        assertEquals(specs("alone", "disk1@3"), choose(null, "alone", "disk1").devices());
        assertEquals(
                specs("disk0@2", "disk1@2"), choose(null, "disk0@2", "disk1").devices());
        String why = refusal(null, "alone", "disk2");
        assertTrue(why.contains("no member of the array of the other devices"), why);
    }

    @Test
    void withoutWholeDisksNothingIsChosen() throws IOException {
        assertEquals(
                specs("disk0@2", "disk1@3", "absent"),
                choose(null, "disk0@2", "disk1@3", "absent").devices());
        assertTrue(refusal("nas:2", "disk0@2").contains("no whole disk"), refusal("nas:2", "disk0@2"));
    }
}
