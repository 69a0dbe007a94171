package io.mdfuse.raid.lost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The search over devices without superblocks. The content is that of an XFS as far as the search looks at it: a
 * superblock, and directory blocks that have their own address, in a third of the volume.
 */
class LostArrayFinderTest {
    private static final int BLOCK = 4096;
    private static final int MEMBER = LostDisks.MEMBER;
    private static final int OFFSET = LostDisks.OFFSET;

    private record Case(ParityLayout layout, int disks, int chunk, int missing) {}

    private static byte[] volume(int bytes, Random random) {
        byte[] volume = new byte[bytes];
        byte[] uuid = new byte[16];
        random.nextBytes(uuid);
        ByteBuffer fields = ByteBuffer.wrap(volume);
        fields.putInt(0, 0x58465342).putInt(4, BLOCK).putInt(84, 1 << 20).putShort(104, (short) 512);
        fields.put(123, (byte) 3).put(124, (byte) 20).put(32, uuid);
        fields.putInt(512, 0x58414746);
        for (int at = BLOCK; at < bytes; at += BLOCK) {
            int choice = random.nextInt(6);
            if (choice == 0) {
                fields.putInt(at, 0x58444233).putLong(at + 8, at / 512).put(at + 24, uuid);
            } else if (choice == 1) {
                byte[] other = new byte[BLOCK];
                random.nextBytes(other);
                fields.put(at, other);
            }
        }
        return volume;
    }

    private static List<LostArrayCandidate> find(Case shape, Random random) throws IOException {
        int data = shape.disks - shape.layout.parityCount();
        List<CrashDisk> disks = LostDisks.of(shape.layout, shape.disks, shape.chunk, volume(MEMBER * data, random));
        List<CrashDisk> given = new ArrayList<>(disks);
        if (shape.missing >= 0) {
            given.remove(shape.missing);
        }
        Collections.shuffle(given, random);
        return LostArrayFinder.find(given, part -> assertTrue(part >= 0 && part <= 1.0001, "progress " + part));
    }

    @Test
    void levelOrderChunkLayoutAndOffsetAreFound() throws IOException {
        List<Case> cases = List.of(
                new Case(ParityLayout.LEFT_SYMMETRIC_5, 3, 64 << 10, -1),
                new Case(ParityLayout.LEFT_SYMMETRIC_5, 4, 4 << 10, 2),
                new Case(ParityLayout.RIGHT_ASYMMETRIC_5, 5, 32 << 10, 0),
                new Case(ParityLayout.LEFT_ASYMMETRIC_5, 8, 16 << 10, 7),
                new Case(ParityLayout.RIGHT_SYMMETRIC_5, 4, 256 << 10, -1),
                new Case(ParityLayout.RAID4, 4, 64 << 10, -1),
                new Case(ParityLayout.RAID4, 4, 64 << 10, 1),
                new Case(ParityLayout.RAID4, 3, 16 << 10, 0),
                new Case(ParityLayout.RAID4, 5, 64 << 10, 4),
                new Case(ParityLayout.RAID4, 8, 32 << 10, 5),
                new Case(ParityLayout.RIGHT_SYMMETRIC_5, 3, 128 << 10, 1),
                new Case(ParityLayout.LEFT_SYMMETRIC_6, 5, 128 << 10, -1),
                new Case(ParityLayout.LEFT_SYMMETRIC_6, 6, 8 << 10, 3),
                new Case(ParityLayout.RIGHT_ASYMMETRIC_6, 7, 64 << 10, 1),
                new Case(ParityLayout.DDF_N_CONTINUE, 5, 32 << 10, -1),
                new Case(ParityLayout.LEFT_SYMMETRIC_PLUS_Q, 6, 64 << 10, -1));
        Random random = new Random(81);
        for (Case shape : cases) {
            LostArrayCandidate best = find(shape, random).getFirst();
            List<String> order = new ArrayList<>();
            for (int slot = 0; slot < shape.disks; slot++) {
                order.add(slot == shape.missing ? LostArrayCandidate.MISSING : "disk" + slot);
            }
            assertEquals(
                    new LostArrayShape(shape.layout, shape.disks, shape.chunk, OFFSET), best.shape(), shape.toString());
            assertEquals(order, best.order(), shape.toString());
            boolean checkable = shape.missing < 0 || shape.layout.parityCount() == 2;
            assertEquals(checkable ? 1.0 : -1.0, best.parityFit(), shape.toString());
            assertTrue(best.agreeing() > best.clues() / 2 && best.clues() > 50, shape + ": " + best);
        }
    }

    @Test
    void devicesThatSayNothingGiveNoCandidate() throws IOException {
        List<CrashDisk> disks = new ArrayList<>();
        Random random = new Random(82);
        for (int number = 0; number < 3; number++) {
            CrashDisk disk = new CrashDisk("disk" + number, MEMBER, CrashTrace.notRecording());
            byte[] noise = new byte[MEMBER / 2];
            random.nextBytes(noise);
            disk.write(0, MemorySegment.ofArray(noise));
            disks.add(disk);
        }
        assertEquals(List.of(), LostArrayFinder.find(disks, part -> {}));
    }

    /** Blocks in places that chunks of 64K, and chunks of 128K with the order reversed, put on the same devices. */
    private static List<LostArrayCandidate> findNearlyEmpty(boolean moreContent) throws IOException {
        int chunk = 64 << 10;
        int bytes = 2 * MEMBER;
        byte[] volume = new byte[bytes];
        System.arraycopy(volume(bytes, new Random(83)), 0, volume, 0, BLOCK);
        ByteBuffer fields = ByteBuffer.wrap(volume);
        byte[] uuid = new byte[16];
        fields.get(32, uuid);
        for (int number = 3; number < bytes / chunk; number++) {
            if (number % 4 == 0 || number % 4 == 3) {
                int at = number * chunk;
                fields.putInt(at, 0x58444233).putLong(at + 8, at / 512).put(at + 24, uuid);
            }
        }
        if (moreContent) {
            byte[] other = new byte[BLOCK];
            new Random(84).nextBytes(other);
            fields.put(5 * chunk + 2 * BLOCK, other);
        }
        List<CrashDisk> disks = LostDisks.of(ParityLayout.LEFT_SYMMETRIC_5, 3, chunk, volume);
        return LostArrayFinder.find(disks, part -> {});
    }

    private static boolean isReversed(LostArrayCandidate candidate) {
        return candidate.shape().equals(new LostArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 128 << 10, OFFSET))
                && candidate.order().equals(List.of("disk2", "disk1", "disk0"));
    }

    @Test
    void aFileSystemThatTwoOrdersShowByteForByteIsNamedSo() throws IOException {
        List<LostArrayCandidate> found = findNearlyEmpty(false);
        LostArrayShape made = new LostArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 64 << 10, OFFSET);
        assertEquals(made, found.getFirst().shape(), found::toString);
        assertEquals(List.of("disk0", "disk1", "disk2"), found.getFirst().order(), found::toString);
        List<LostArrayCandidate> twins = found.stream()
                .filter(each -> new LostArrayCandidate.Twin(0, 0).equals(each.twin()))
                .toList();
        assertTrue(twins.stream().anyMatch(LostArrayFinderTest::isReversed), found::toString);
        assertTrue(
                findNearlyEmpty(true).stream().noneMatch(each -> each.twin() != null && isReversed(each)),
                "a block that differs makes no twin");
    }
}
