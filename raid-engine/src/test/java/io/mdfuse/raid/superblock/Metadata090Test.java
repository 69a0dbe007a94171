package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.store.LiveDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class Metadata090Test {
    private static Superblock superblock(Consumer<ByteBuffer> change) throws Exception {
        return MemberLocator.require(Sample090.disk(Sample090.of(1, change))).superblock();
    }

    private static void refused(Reason reason, String word, byte[] bytes) throws Exception {
        CrashDisk disk = Sample090.disk(bytes);
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> MemberLocator.require(disk), word);
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.toString().contains(": d: ") && e.toString().contains(word), e.getMessage());
        assertThrows(ArrayRefusedException.class, () -> Metadata090.find(disk));
    }

    private static void refused(Reason reason, String word, Consumer<ByteBuffer> change) throws Exception {
        refused(reason, word, Sample090.of(1, change));
    }

    @Test
    void aSuperblockIsTranslatedToVersionOne() throws Exception {
        Superblock superblock = superblock(page -> {});
        assertEquals(MetadataVersion.V0_90, superblock.metadataVersion());
        assertEquals("01020304:11121314:21222324:31323334", superblock.setUuidText());
        assertEquals("", superblock.setName());
        assertEquals(1_600_000_000L, superblock.ctimeSeconds());
        assertEquals(1_600_000_001L, superblock.utimeSeconds());
        assertEquals(5, superblock.level());
        assertEquals(2, superblock.layout());
        assertEquals(128, superblock.chunkSectors());
        assertEquals(1920, superblock.usedSectors());
        assertEquals(0, superblock.dataOffsetSectors());
        assertEquals(1920, superblock.dataSizeSectors());
        assertEquals(1920, superblock.superOffsetSectors());
        assertEquals(3, superblock.raidDisks());
        assertEquals(0x1_0000_0007L, superblock.events());
        assertEquals(Superblock.IN_SYNC, superblock.resyncOffsetSectors());
        assertEquals(1, superblock.deviceNumber());
        assertEquals(1, superblock.ownRole());
        assertEquals(Roles.SPARE, superblock.role(3));
        assertEquals(0, superblock.featureMap());
        Superblock withBitmap = superblock(page -> page.putInt(132, 1 | 1 << 8));
        assertEquals(Features.BITMAP, withBitmap.featureMap());
        assertEquals(8, withBitmap.bitmapOffsetSectors());
    }

    @Test
    void rolesAreThoseThatMdReads() throws Exception {
        Superblock superblock = superblock(page -> {
            page.putInt(512 + 16, 1).putInt(512 + 2 * 128 + 16, 0);
            page.putInt(512 + 3 * 128 + 12, 2).putInt(512 + 3 * 128 + 16, 4 | 1 << 9);
            page.putInt(512 + 4 * 128 + 12, 2).putInt(512 + 4 * 128 + 16, 2);
            page.putInt(512 + 5 * 128 + 16, 8 | 1);
        });
        assertEquals(Roles.FAULTY, superblock.role(0));
        assertEquals(1, superblock.role(1));
        assertEquals(Roles.SPARE, superblock.role(2), "without a state");
        assertEquals(2, superblock.role(3), "write-mostly");
        assertEquals(Roles.SPARE, superblock.role(4), "active, not in sync: how far its rebuild came is not stored");
        assertEquals(Roles.FAULTY, superblock.role(5), "removed");
    }

    @Test
    void theResyncPositionIsValidOnlyForItsEventCount() throws Exception {
        assertEquals(0, superblock(page -> page.putInt(132, 0).putInt(172, 640)).resyncOffsetSectors());
        assertEquals(
                640,
                superblock(page -> page.putInt(132, 0).putInt(172, 640).putLong(164, page.getLong(156)))
                        .resyncOffsetSectors());
    }

    @Test
    void everySingleWrongByteIsNoticed() throws Exception {
        byte[] sound = Sample090.of(2, page -> {});
        CrashDisk disk = Sample090.disk(sound);
        for (int at = 0; at < sound.length; at++) {
            for (int wrong : new int[] {1, 16, 128, 255}) {
                byte[] bytes = sound.clone();
                bytes[at] ^= (byte) wrong;
                Sample090.put(disk, bytes);
                ArrayRefusedException e =
                        assertThrows(ArrayRefusedException.class, () -> MemberLocator.require(disk), "byte " + at);
                boolean head = at < 12;
                assertTrue(e.reason() == Reason.CORRUPT || (head && e.reason() == Reason.MISSING), e.getMessage());
            }
        }
    }

    @Test
    void unsupportedFieldsAreRefusedByName() throws Exception {
        refused(Reason.UNSUPPORTED, "clustered", page -> page.putInt(132, 1 << 5));
        refused(Reason.UNSUPPORTED, "logical block size of 4096", page -> page.putInt(200, 4096));
    }

    @Test
    void contradictionsAreCorrupt() throws Exception {
        refused(Reason.CORRUPT, "0 slots", page -> page.putInt(40, 0));
        refused(Reason.CORRUPT, "28 slots", page -> page.putInt(40, 28));
        refused(Reason.CORRUPT, "number 27", page -> page.putInt(3968, 27));
        refused(Reason.CORRUPT, "number -1", page -> page.putInt(3968, -1));
        refused(Reason.CORRUPT, "the slot 27", page -> page.putInt(512 + 128 + 12, 27));
        refused(Reason.CORRUPT, "the slot -1", page -> page.putInt(512 + 128 + 12, -1));
        refused(Reason.CORRUPT, "chunk of 65537", page -> page.putInt(260, 65537));
        refused(Reason.CORRUPT, "cut short", page -> page.putInt(32, 961));
        refused(Reason.CORRUPT, "cut short", page -> page.putInt(32, -1));
    }

    private static FoundDevice member(int number, Consumer<ByteBuffer> change) throws Exception {
        return MemberLocator.require(Sample090.disk(Sample090.of(number, change)));
    }

    private static FoundDevice bigEndian(int number, Consumer<ByteBuffer> change) throws Exception {
        return MemberLocator.require(Sample090.disk(Sample090.of(number, ByteOrder.BIG_ENDIAN, change)));
    }

    /** Every field is read correctly, including the 64-bit counts and the UUID. */
    @Test
    void theByteOrderOfTheMachineChangesNothing() throws Exception {
        Superblock ours = member(1, page -> {}).superblock();
        Superblock theirs = bigEndian(1, page -> {}).superblock();
        assertEquals(ByteOrder.BIG_ENDIAN, theirs.byteOrder());
        assertEquals(ours.setUuidText(), theirs.setUuidText());
        assertEquals(0x1_0000_0007L, theirs.events());
        for (int at = 0; at < 4096; at++) {
            boolean identity = (at >= 0x10 && at < 0x20) || (at >= 0xa8 && at < 0xb8) || (at >= 0xd8 && at < 0xdc);
            assertTrue(identity || ours.toBytes()[at] == theirs.toBytes()[at], "byte " + at);
        }
        Assembly whole =
                AssemblyRules.assemble(List.of(bigEndian(2, p -> {}), bigEndian(0, p -> {}), bigEndian(1, p -> {})));
        assertEquals(List.of(), whole.missingSlots());
        assertEquals(
                640,
                bigEndian(1, page -> page.putInt(132, 0).putInt(172, 640).putLong(164, page.getLong(156)))
                        .superblock()
                        .resyncOffsetSectors());
    }

    @Test
    void twoByteOrdersInOneArrayAreRefused() throws Exception {
        List<FoundDevice> devices = List.of(member(0, p -> {}), bigEndian(1, p -> {}), member(2, p -> {}));
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> AssemblyRules.assemble(devices));
        assertEquals(Reason.UNSAFE, e.reason());
        assertTrue(e.toString().contains("big-endian"), e.getMessage());
        List<FoundDevice> two = List.of(bigEndian(1, p -> {}), bigEndian(2, p -> {}), member(0, p -> {}));
        assertThrows(ArrayRefusedException.class, () -> AssemblyRules.assemble(two));
    }

    /** What a reshape records is kept in the translation to version 1. */
    @Test
    void aReshapeIsTranslated() throws Exception {
        Consumer<ByteBuffer> grows = page -> page.putInt(8, 91)
                .putLong(176, 0x1_0000_2000L)
                .putInt(184, 5)
                .putInt(188, 1)
                .putInt(192, 2)
                .putInt(196, 131072)
                .putInt(40, 4);
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            CrashDisk disk = Sample090.disk(Sample090.of(1, order, grows));
            ReshapeState reshape =
                    Metadata090.find(disk).orElseThrow().reshape().orElseThrow();
            assertEquals(new ReshapeState(0x1_0000_2000L, 5, 2, 131072, 1, 0, false), reshape);
            assertEquals(
                    reshape,
                    ReshapeState.of(MemberLocator.require(disk).superblock()).orElseThrow());
        }
    }

    /** Old kernels on other processors summed in 16-bit steps; md compares both sums folded to 16 bits. */
    @Test
    void aChecksumThatFoldsToTheSameValueIsCorrect() throws Exception {
        byte[] bytes = Sample090.of(1, page -> {});
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int sum = page.getInt(152);
        int folded = (sum & 0xffff) + (sum >>> 16);
        page.putInt(152, (folded & 0xffff) + (folded >>> 16));
        Superblock090 found = Metadata090.find(Sample090.disk(bytes)).orElseThrow();
        assertEquals(sum, found.expectedChecksum());
        page.putInt(152, page.getInt(152) + 1);
        refused(Reason.CORRUPT, "expected", bytes);
    }

    @Test
    void membersAssembleByTheSameRules() throws Exception {
        Assembly whole = AssemblyRules.assemble(List.of(member(2, p -> {}), member(0, p -> {}), member(1, p -> {})));
        for (int slot = 0; slot < 3; slot++) {
            FoundDevice found = whole.slots().get(slot);
            assertTrue(found != null && found.superblock().deviceNumber() == slot);
        }
        assertFalse(whole.journalRequired());
    }

    @Test
    void aFailedOrStaleDeviceIsNotUsed() throws Exception {
        Consumer<ByteBuffer> oneFailed = page -> page.putInt(512 + 128 + 16, 9).putLong(156, 0x1_0000_0009L);
        Assembly without =
                AssemblyRules.assemble(List.of(member(0, oneFailed), member(2, oneFailed), member(1, p -> {})));
        assertEquals(List.of(1), without.missingSlots());
        assertNull(without.slots().get(1));
        assertEquals(Standing.FAULTY, without.others().getFirst().standing());
        Consumer<ByteBuffer> later = page -> page.putLong(156, 0x1_0000_0009L);
        List<FoundDevice> devices = List.of(member(0, later), member(2, later), member(1, p -> {}));
        assertEquals(
                Standing.STALE,
                AssemblyRules.assemble(devices).others().getFirst().standing());
    }

    @Test
    void twoWithTheSameNumberAreRefused() throws Exception {
        List<FoundDevice> devices = List.of(member(0, p -> {}), member(1, p -> {}), member(1, p -> {}));
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> AssemblyRules.assemble(devices));
        assertEquals(Reason.DUPLICATE, e.reason());
        assertTrue(e.toString().contains("device number 1"), e.getMessage());
    }

    /** A replacement gets the number of the disk that failed, which keeps the superblock that it had then. */
    @Test
    void aFailedDiskBesideItsReplacementIsStale() throws Exception {
        Consumer<ByteBuffer> later = page -> page.putLong(156, 0x1_0000_0009L);
        FoundDevice failed = member(1, p -> {});
        FoundDevice replacement = member(1, later);
        for (boolean failedFirst : new boolean[] {true, false}) {
            List<FoundDevice> devices = List.of(
                    member(0, later),
                    failedFirst ? failed : replacement,
                    member(2, later),
                    failedFirst ? replacement : failed);
            Assembly assembly = AssemblyRules.assemble(devices);
            assertEquals(List.of(), assembly.missingSlots());
            assertEquals(List.of(new Assembly.Bystander(failed, Standing.STALE)), assembly.others());
        }
    }

    @Test
    void aSuperblockOfThisKindIsNeverWritten() throws Exception {
        List<FoundDevice> devices = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            devices.add(member(number, p -> {}));
        }
        byte[] before = DevicePage.read(devices.getFirst().device(), 0, (int) (Sample090.DEVICE_SECTORS * 512));
        LiveDevice live = new LiveDevice(devices.getFirst());
        assertThrows(IllegalStateException.class, () -> live.write(live.superblock()));
        byte[] after = DevicePage.read(devices.getFirst().device(), 0, (int) (Sample090.DEVICE_SECTORS * 512));
        assertArrayEquals(before, after);
    }
}
