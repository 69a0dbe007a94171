package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceSlice;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.HoledDevice;
import io.mdfuse.raid.copies.CopyPlace;
import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrays without parity, opened, read, and refused. */
class CopiedArrayTest {
    private static final AssembleOptions READ_ONLY = AssembleOptions.defaults().withReadOnly(true);
    private static final AssembleOptions RUN = READ_ONLY.withRun(true);
    private static final AssembleOptions FORCE = READ_ONLY.withForce(true);

    private static CopiedArray near2() throws IOException {
        return new CopiedArray(10, 0x102, 8, 96, 96, 96, 96);
    }

    private static CopiedArray mirror(int members) throws IOException {
        int[] sectors = new int[members];
        Arrays.fill(sectors, 100);
        return new CopiedArray(1, 0, 0, sectors);
    }

    /** The message of the refusal. */
    private static String refused(Reason reason, List<? extends BlockDevice> devices, AssembleOptions o) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> CopiedArray.open(devices, o));
        assertEquals(reason, e.reason(), e.toString());
        return oneLine(e);
    }

    private static String oneLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private static String attribute(RaidArray array, String name) {
        return String.valueOf(array.attributes().get(name));
    }

    private static List<CrashDisk> without(CopiedArray array, int... slots) {
        List<CrashDisk> left = new ArrayList<>(array.disks());
        for (int slot : slots) {
            left.remove(array.disks().get(slot));
        }
        return left;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 100, 100, 100",
        "0, 2, 12, 60, 100, 61",
        "0, 1, 8, 60, 100, 61",
        "-1, 0, 8, 60, 100, 61",
        "-1, 0, 0, 60, 101, 61",
        "10, 0x201, 8, 96, 96, 100"
    })
    void readsTheWholeVolume(int level, String layout, int chunk, int first, int second, int third) throws IOException {
        CopiedArray made = new CopiedArray(level, Integer.decode(layout), chunk, first, second, third);
        try (RaidArray array = CopiedArray.open(made.disks(), READ_ONLY)) {
            assertTrue(array.readOnly());
            assertEquals(List.of(), array.startMessages());
            assertEquals(made.volumeSectors() * 512, array.sizeBytes());
            CopiedArray.requireWhole(array);
            assertThrows(ArrayRefusedException.class, () -> array.write(0, MemorySegment.ofArray(new byte[512])));
            assertThrows(ArrayRefusedException.class, () -> array.zero(0, 512));
            assertThrows(ArrayRefusedException.class, () -> array.setAttribute("sync_action", "check"));
        }
    }

    @Test
    void isRefusedByNameWithoutReadOnly() throws IOException {
        for (int level : new int[] {-1, 0, 1}) {
            CopiedArray made = new CopiedArray(level, level == 0 ? 2 : 0, 8, 64, 64);
            String name = level < 0 ? "linear" : "raid" + level;
            String message = refused(
                    Reason.UNSUPPORTED, made.disks(), AssembleOptions.defaults().withForce(true));
            assertTrue(message.contains("level " + name + " is served read-only: add --read-only"), message);
        }
    }

    @Test
    void aMirrorIsReadFromAnyOneMember() throws IOException {
        for (int slot = 0; slot < 3; slot++) {
            CopiedArray made = mirror(3);
            List<CrashDisk> one = List.of(made.disks().get(slot));
            assertTrue(refused(Reason.MISSING, one, READ_ONLY).contains("--run"));
            try (RaidArray array = CopiedArray.open(one, RUN)) {
                CopiedArray.requireWhole(array);
                assertEquals("2", attribute(array, "degraded"));
                assertTrue(array.startMessages().contains("the array survives no further failure"));
            }
        }
    }

    /** Each byte of a level without copies needs its member. */
    @Test
    void aMissingMemberIsNamed() throws IOException {
        for (int level : new int[] {-1, 0}) {
            CopiedArray made = new CopiedArray(level, level == 0 ? 2 : 0, 8, 64, 80, 64);
            for (AssembleOptions options : List.of(RUN, FORCE)) {
                String message = refused(Reason.MISSING, without(made, 0, 2), options);
                assertTrue(message.contains("slots 0, 2 of 3 have no member"), message);
            }
        }
    }

    /** near=2 of 4: slots 0 and 1 have the same, and so have 2 and 3. */
    @Test
    void everyCopyNeedsAMember() throws IOException {
        try (RaidArray array = CopiedArray.open(without(near2(), 0, 3), RUN)) {
            CopiedArray.requireWhole(array);
        }
        CopiedArray made = near2();
        for (AssembleOptions options : List.of(RUN, FORCE)) {
            String message = refused(Reason.MISSING, without(made, 2, 3), options);
            assertTrue(message.contains("slots 2, 3 of 4 have no member"), message);
        }
    }

    /** Of a pair that left one after the other, the later one is taken back, and read only for what no other has. */
    @Test
    void forceTakesBackTheFreshestOfAPair() throws IOException {
        CopiedArray made = near2();
        for (CrashDisk disk : made.disks()) {
            int slot = made.disks().indexOf(disk);
            Superblocks.edit(disk, editor -> {
                editor.events(slot == 1 ? 10 : slot == 0 ? 15 : 20);
                if (slot > 1) {
                    editor.role(0, Roles.FAULTY).role(1, Roles.FAULTY);
                }
            });
        }
        String message = refused(Reason.MISSING, made.disks(), RUN);
        assertTrue(message.contains("slots 0, 1 of 4 have no member"), message);
        assertTrue(message.contains("disk0 (slot 0) is marked faulty"), message);
        assertTrue(message.contains("read what these hold with --force"), message);
        try (RaidArray array = CopiedArray.open(made.disks(), FORCE)) {
            CopiedArray.requireWhole(array);
            assertTrue(attribute(array, "rd0").endsWith("disk0"));
            assertEquals("missing", attribute(array, "rd1"));
            assertTrue(String.join("\n", array.startMessages()).contains("slot 0: disk0 is taken back by --force"));
        }
    }

    /** Holes of sectors at random places: a sector can be read if one of its copies was. */
    @ParameterizedTest
    @CsvSource({"1, 0, 0", "10, 0x102, 8", "10, 0x201, 8", "10, 0x10201, 8", "0, 2, 8", "-1, 0, 8"})
    void holesCostOnlySectorsThatNoCopyHas(int level, String layout, int chunk) throws IOException {
        CopiedArray made = new CopiedArray(level, Integer.decode(layout), chunk, 96, 96, 96);
        Random random = new Random(5);
        boolean[][] holes = new boolean[3][96];
        List<BlockDevice> images = new ArrayList<>();
        for (int slot = 0; slot < 3; slot++) {
            List<Range> ranges = new ArrayList<>();
            for (int sector = 0; sector < 96; sector++) {
                if (random.nextInt(100) < 40) {
                    holes[slot][sector] = true;
                    long at = CopiedArray.deviceByte(sector);
                    ranges.add(new Range(at, at + 512));
                }
            }
            CrashDisk disk = made.disks().get(slot);
            images.add(new HoledDevice(disk, disk.sizeBytes(), ByteRanges.of(ranges)));
        }
        try (RaidArray array = CopiedArray.open(images, READ_ONLY)) {
            boolean[] readable = CopiedArray.readable(array);
            for (int sector = 0; sector < readable.length; sector++) {
                List<CopyPlace> places = made.layout().extentAt(sector).places();
                boolean expected = places.stream().anyMatch(place -> !holes[place.slot()][(int) place.memberSector()]);
                assertEquals(expected, readable[sector], "volume sector " + sector + " at " + places);
            }
        }
    }

    @Test
    void aFailingReadIsAnsweredByTheOtherCopy() throws IOException {
        CopiedArray made = mirror(2);
        List<BlockDevice> devices = new ArrayList<>();
        for (int slot = 0; slot < 2; slot++) {
            FaultPlan plan = new FaultPlan(1).badSectors(CopiedArray.deviceByte(10 + 40 * slot), 4096);
            plan.badSectors(CopiedArray.deviceByte(99), 512);
            devices.add(new FaultyDevice(made.disks().get(slot), plan));
        }
        try (RaidArray array = CopiedArray.open(devices, READ_ONLY)) {
            array.read(0, MemorySegment.ofArray(new byte[99 * 512]));
            boolean[] readable = CopiedArray.readable(array);
            assertTrue(readable[10] && readable[50] && readable[98]);
            assertFalse(readable[99]);
            IOException e =
                    assertThrows(IOException.class, () -> array.read(99 * 512, MemorySegment.ofArray(new byte[512])));
            oneLine(e);
        }
    }

    @Test
    void listedBlocksAreReadFromAnotherMember() throws IOException {
        CopiedArray made = mirror(2);
        ListedBlocks.giveLogs(made.disks(), 32);
        ListedBlocks.list(made.disks().getFirst(), 8, 16);
        ListedBlocks.list(made.disks().getLast(), 16);
        try (RaidArray array = CopiedArray.open(made.disks(), READ_ONLY)) {
            boolean[] readable = CopiedArray.readable(array);
            assertTrue(readable[8] && readable[15] && readable[24]);
            assertFalse(readable[16] || readable[23]);
            assertTrue(array.startMessages().getFirst().contains("16 sectors are listed as bad"));
        }
    }

    /** Slot 0 is rebuilt up to sector 64; what follows is not its content. */
    private static CopiedArray halfRebuilt() throws IOException {
        CopiedArray made = mirror(2);
        CrashDisk rebuilding = made.disks().getFirst();
        Superblocks.edit(
                rebuilding,
                editor -> editor.featureMap(Features.RECOVERY_OFFSET).recoveryOffsetSectors(64));
        for (int sector = 64; sector < 100; sector++) {
            rebuilding.write(CopiedArray.deviceByte(sector), MemorySegment.ofArray(new byte[512]));
        }
        return made;
    }

    /** What a member that is being rebuilt does not have yet comes from another; alone it needs --force. */
    @Test
    void aMemberIsReadUpToItsRecoveryOffset() throws IOException {
        try (RaidArray array = CopiedArray.open(halfRebuilt().disks(), READ_ONLY)) {
            CopiedArray.requireWhole(array);
            assertTrue(attribute(array, "rd0").startsWith("rebuilding"));
        }
        List<CrashDisk> alone = List.of(halfRebuilt().disks().getFirst());
        assertTrue(refused(Reason.MISSING, alone, RUN).contains("--force"));
        try (RaidArray array = CopiedArray.open(alone, FORCE)) {
            boolean[] readable = CopiedArray.readable(array);
            assertTrue(readable[63]);
            assertFalse(readable[64] || readable[99]);
        }
    }

    /** While md can't tell which copy is right, it reads the first that is not write-mostly; so does mdfuse. */
    @Test
    void theFirstCopyThatIsNotWriteMostlyIsRead() throws IOException {
        CopiedArray made = mirror(3);
        made.disks().get(0).write(CopiedArray.deviceByte(5), MemorySegment.ofArray(new byte[512]));
        made.disks().get(2).write(CopiedArray.deviceByte(5), MemorySegment.ofArray(new byte[512]));
        Superblocks.edit(made.disks().get(0), editor -> editor.deviceFlags(1));
        made.editAll(editor -> editor.resyncOffsetSectors(0));
        try (RaidArray array = CopiedArray.open(made.disks(), READ_ONLY)) {
            CopiedArray.requireWhole(array);
            assertTrue(array.startMessages().getFirst().contains("its members may differ"));
        }
    }

    @Test
    void anImageThatIsCutShortIsReadAsFarAsItGoes() throws IOException {
        CopiedArray made = new CopiedArray(0, 2, 8, 64, 64);
        List<BlockDevice> devices = new ArrayList<>(made.disks());
        devices.set(1, new DeviceSlice(made.disks().get(1), 0, CopiedArray.deviceByte(56)));
        try (RaidArray array = CopiedArray.open(devices, READ_ONLY)) {
            boolean[] readable = CopiedArray.readable(array);
            assertEquals(128, readable.length);
            for (int sector = 0; sector < 128; sector++) {
                assertEquals(sector < 120, readable[sector], "volume sector " + sector);
            }
        }
    }

    @Test
    void aStripedArrayOfUnknownOrderIsRefused() throws IOException {
        CopiedArray made = new CopiedArray(0, 2, 8, 64, 96);
        made.editAll(editor -> editor.featureMap(0));
        String message = refused(Reason.UNSAFE, made.disks(), READ_ONLY);
        assertTrue(message.contains("a kernel before 3.14"), message);
        try (RaidArray array = CopiedArray.open(made.disks(), READ_ONLY.withStripeOrder(StripeOrder.ALTERNATE))) {
            CopiedArray.requireWhole(array);
            assertTrue(array.startMessages().getFirst().contains("--raid0-layout; the superblocks do not say it"));
        }
        CopiedArray alike = new CopiedArray(0, 2, 8, 64, 65);
        alike.editAll(editor -> editor.featureMap(0));
        try (RaidArray array = CopiedArray.open(alike.disks(), READ_ONLY)) {
            CopiedArray.requireWhole(array);
        }
    }

    /** Fields of a superblock with a right checksum and any value: a typed refusal of one line, or an array. */
    @Test
    void anyFieldsAreServedOrRefusedInOneLine() throws IOException {
        Random random = new Random(11);
        List<CopiedArray> shapes =
                List.of(new CopiedArray(0, 2, 8, 64, 96), mirror(2), near2(), new CopiedArray(-1, 0, 8, 64, 96));
        int served = 0;
        for (int round = 0; round < 4_000; round++) {
            List<BlockDevice> disks = new ArrayList<>();
            long seed = random.nextLong();
            for (CrashDisk disk : shapes.get(round % 4).disks()) {
                disks.add(FuzzedSuperblock.on(disk, new Random(seed)));
            }
            RaidArray array;
            try {
                array = CopiedArray.open(disks, round % 2 == 0 ? RUN : FORCE);
            } catch (IOException e) {
                oneLine(e);
                for (BlockDevice disk : disks) {
                    disk.close();
                }
                continue;
            }
            served++;
            try (array) {
                array.attributes();
                array.read(array.sizeBytes() - 512, MemorySegment.ofArray(new byte[512]));
            } catch (IOException e) {
                oneLine(e);
            }
        }
        assertTrue(served > 200, "served " + served);
    }
}
