package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SuperblockCodecTest {
    private static Superblock decode(byte[] bytes) throws ArrayRefusedException {
        return SuperblockCodec.decode("d", MetadataVersion.V1_2, SampleSuperblock.DEVICE_SECTORS, bytes);
    }

    @Test
    void theChecksumIsMdsOwn() {
        assertEquals(0x0c6593d6, SampleSuperblock.of(0).checksum());
        assertEquals(0x1871a025, SampleSuperblock.of(3).checksum());
    }

    @Test
    void anOddNumberOfRolesAddsAHalfWord() {
        Superblock odd =
                Superblock.of(SuperblockEditor.blank(MetadataVersion.V1_2, 1).role(0, 5));
        // magic + major version + max_dev + role
        assertEquals(0xa92b4efc + 1 + 1 + 5, odd.checksum());
    }

    @Test
    void whatWasEncodedIsDecoded() throws ArrayRefusedException {
        Superblock journal = decode(SampleSuperblock.of(3).toBytes());
        assertEquals("00010203:04050607:08090a0b:0c0d0e0f", journal.setUuidText());
        assertEquals("03030303:03030303:03030303:03030303", journal.deviceUuidText());
        assertEquals("host:t", journal.setName());
        assertEquals(1_700_000_000L, journal.ctimeSeconds());
        assertEquals(1_700_000_001L, journal.utimeSeconds());
        assertEquals(5, journal.level());
        assertEquals(2, journal.layout());
        assertEquals(8192, journal.usedSectors());
        assertEquals(128, journal.chunkSectors());
        assertEquals(3, journal.raidDisks());
        assertEquals(2048, journal.dataOffsetSectors());
        assertEquals(14336, journal.dataSizeSectors());
        assertEquals(8, journal.superOffsetSectors());
        assertEquals(64, journal.journalTailSector());
        assertEquals(3, journal.deviceNumber());
        assertEquals(7, journal.events());
        assertEquals(Superblock.IN_SYNC, journal.resyncOffsetSectors());
        assertEquals(128, journal.maxDev());
        assertEquals(512, journal.writtenBytes());
        assertEquals(Roles.JOURNAL, journal.ownRole());
        assertEquals(1, journal.role(1));
        assertEquals(Roles.SPARE, journal.role(4));
        assertEquals(Roles.SPARE, journal.role(128));
        assertEquals(Roles.SPARE, journal.role(-1));
    }

    @Test
    void aRewriteKeepsBytesWithoutAField() throws ArrayRefusedException {
        byte[] bytes = SampleSuperblock.of(0).toBytes();
        bytes[SuperblockLayout.RESHAPE_POSITION] = 0x5a;
        bytes[2000] = 0x77;
        Superblock found = new Superblock(MetadataVersion.V1_2, bytes).edit(editor -> {});
        Superblock next = decode(found.toBytes()).edit(editor -> editor.events(8));
        assertEquals(8, next.events());
        assertEquals(0x5a, next.toBytes()[SuperblockLayout.RESHAPE_POSITION]);
        assertEquals(0x77, next.toBytes()[2000]);
    }

    @Test
    void anEditLeavesTheOriginalAlone() {
        Superblock before = SampleSuperblock.of(0);
        byte[] bytes = before.toBytes();
        before.edit(editor -> editor.events(99).role(0, Roles.FAULTY));
        assertArrayEquals(bytes, before.toBytes());
    }

    @Test
    void everySingleWrongByteIsNoticed() {
        byte[] sound = SampleSuperblock.of(3).toBytes();
        for (int at = 0; at < SuperblockLayout.DEV_ROLES + 2 * 128; at++) {
            for (int wrong : new int[] {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
                byte[] bytes = sound.clone();
                bytes[at] ^= (byte) wrong;
                if (SuperblockCodec.hasMagic(bytes)) {
                    assertThrows(ArrayRefusedException.class, () -> decode(bytes), "byte " + at);
                }
            }
        }
    }

    private static void refused(Reason reason, String word, Consumer<SuperblockEditor> change) {
        byte[] bytes = SampleSuperblock.of(0).edit(change).toBytes();
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> decode(bytes), word);
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.toString().contains(": d: ") && e.toString().contains(word), e.getMessage());
    }

    @Test
    void featuresThatExcludeEachOtherAreRefused() {
        refused(Reason.UNSUPPORTED, "0x2000", e -> e.featureMap(8192));
        refused(Reason.UNSUPPORTED, "0x80000000", e -> e.featureMap(1 << 31));
        refused(Reason.CORRUPT, "ppl, multiple-ppls", e -> e.featureMap(1024 | 2048));
        refused(Reason.CORRUPT, "bitmap, ppl", e -> e.featureMap(1024 | 1));
        refused(Reason.CORRUPT, "journal, ppl", e -> e.featureMap(1024 | 512));
        refused(Reason.CORRUPT, "multiple-ppls", e -> e.featureMap(2048 | 512));
        refused(Reason.CORRUPT, "raid0-layout", e -> e.featureMap(4096));
    }

    @Test
    void anImpossibleDataAreaIsRefused() {
        refused(Reason.CORRUPT, "lies at sector 8 but says 16", e -> e.superOffsetSectors(16));
        refused(Reason.CORRUPT, "only 9 sectors", e -> e.data(2048, 9));
        refused(Reason.CORRUPT, "which no device has", e -> e.data(2048, Long.MAX_VALUE - 100));
        refused(Reason.CORRUPT, "which no device has", e -> e.data(-1, 14336));
        refused(Reason.CORRUPT, "which no device has", e -> e.data(2048, -1));
        refused(Reason.CORRUPT, "inside its own data", e -> e.data(8, 14336));
    }

    /**
     * A disk that hides its last sectors, or an image that is cut off: the codec does not decide whether enough is
     * left.
     */
    @Test
    void aDeviceMayBeShorterThanItsSuperblockSays() throws ArrayRefusedException {
        for (long dataSectors : new long[] {14337, 1L << 40}) {
            Superblock found = decode(
                    SampleSuperblock.of(0).edit(e -> e.data(2048, dataSectors)).toBytes());
            assertEquals(dataSectors, found.dataSizeSectors());
        }
        decode(SampleSuperblock.of(0).edit(e -> e.data(16385, 10)).toBytes());
    }

    @Test
    void aSuperblockAtTheEndLimitsItsData() throws ArrayRefusedException {
        Superblock end =
                SampleSuperblock.of(0).edit(e -> e.superOffsetSectors(16368).data(0, 16368));
        SuperblockCodec.decode("d", MetadataVersion.V1_0, 16384, end.toBytes());
        byte[] over = end.edit(e -> e.data(0, 16369)).toBytes();
        assertThrows(ArrayRefusedException.class, () -> SuperblockCodec.decode("d", MetadataVersion.V1_0, 16384, over));
    }

    @Test
    void paddingMustBeZero() {
        for (int at = 0; at < SuperblockLayout.PAD3_BYTES; at++) {
            byte[] bytes = SampleSuperblock.of(0).toBytes();
            bytes[SuperblockLayout.PAD3 + at] = 1;
            byte[] sealed =
                    new Superblock(MetadataVersion.V1_2, bytes).edit(e -> {}).toBytes();
            ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> decode(sealed));
            assertEquals(Reason.CORRUPT, e.reason(), e.getMessage());
        }
        byte[] bytes = SampleSuperblock.of(0).toBytes();
        bytes[SuperblockLayout.PAD0] = 1;
        byte[] sealed =
                new Superblock(MetadataVersion.V1_2, bytes).edit(e -> {}).toBytes();
        assertThrows(ArrayRefusedException.class, () -> decode(sealed));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 1024, 2048, 4096})
    void aLogicalBlockOfLinux619IsAcceptedAndKept(int blockBytes) throws ArrayRefusedException {
        byte[] bytes = SampleSuperblock.of(0)
                .edit(e -> e.logicalBlockBytes(blockBytes))
                .toBytes();
        Superblock found = decode(bytes);
        assertEquals(blockBytes, found.logicalBlockBytes());
        assertEquals(Math.max(512, blockBytes), found.writtenBytes());
        assertEquals(blockBytes, decode(found.edit(e -> e.events(8)).toBytes()).logicalBlockBytes());
    }

    @Test
    void aLogicalBlockThatMdDoesNotAcceptIsRefusedByItsSize() {
        refused(Reason.UNSUPPORTED, "logical block size of 8192 bytes", e -> e.logicalBlockBytes(8192));
        refused(Reason.UNSUPPORTED, "2147483648 bytes", e -> e.logicalBlockBytes(1 << 31));
        for (int blockBytes : new int[] {1, 256, 768, 4095, -1}) {
            refused(
                    Reason.CORRUPT,
                    "logical block size of " + Integer.toUnsignedString(blockBytes) + " bytes",
                    e -> e.logicalBlockBytes(blockBytes));
        }
    }

    @Test
    void aRoleTableThatDoesNotFitIsRefused() {
        for (int maxDev : new int[] {1921, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byte[] bytes = SampleSuperblock.of(0).toBytes();
            java.nio.ByteBuffer.wrap(bytes)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .putInt(SuperblockLayout.MAX_DEV, maxDev);
            ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> decode(bytes));
            assertTrue(e.toString().contains("room for"), e.getMessage());
        }
    }

    @Test
    void aWrongChecksumSaysWhatWasExpected() {
        byte[] bytes = SampleSuperblock.of(0).toBytes();
        bytes[SuperblockLayout.EVENTS]++;
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> decode(bytes));
        assertEquals("d: the 1.2 superblock has checksum 0c6593d6, expected 0c6593d7", e.getMessage());
    }
}
