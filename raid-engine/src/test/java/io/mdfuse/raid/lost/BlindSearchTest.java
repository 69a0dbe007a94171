package io.mdfuse.raid.lost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Arrays whose volume holds no file system that the search knows. */
class BlindSearchTest {
    /** Pieces of random bytes, of text and of zeros, between 4 and 500 KiB long; the first begins with the volume. */
    private static byte[] mixed(int bytes, Random random) {
        byte[] volume = new byte[bytes];
        int at = 0;
        while (at < bytes) {
            int end = Math.min(bytes, at + (1 + random.nextInt(125)) * 4096);
            int kind = at == 0 ? 0 : random.nextInt(3);
            byte[] piece = new byte[end - at];
            if (kind < 2) {
                random.nextBytes(piece);
            }
            if (kind == 1) {
                for (int index = 0; index < piece.length; index++) {
                    piece[index] = (byte) ('a' + Math.floorMod(piece[index], 26));
                }
            }
            System.arraycopy(piece, 0, volume, at, piece.length);
            at = end;
        }
        return volume;
    }

    /** Pieces of random bytes in a third of the volume, zeros between them; the first begins with the volume. */
    private static byte[] scattered(int bytes, Random random) {
        byte[] volume = new byte[bytes];
        int at = 0;
        while (at < bytes) {
            int blocks = 1 + random.nextInt(60);
            byte[] piece = new byte[Math.min(bytes - at, blocks * 4096)];
            random.nextBytes(piece);
            System.arraycopy(piece, 0, volume, at, piece.length);
            at += (blocks + 2 * (1 + random.nextInt(60))) * 4096;
        }
        return volume;
    }

    private static List<LostArrayCandidate> find(
            ParityLayout layout, int disks, int chunk, byte[] volume, List<Integer> missing) throws IOException {
        List<CrashDisk> all = LostDisks.of(layout, disks, chunk, volume);
        List<CrashDisk> given = new ArrayList<>();
        for (int slot = 0; slot < disks; slot++) {
            if (!missing.contains(slot)) {
                given.add(all.get(slot));
            }
        }
        Collections.shuffle(given, new Random(5));
        return LostArrayFinder.find(given, part -> {});
    }

    private static void assertFound(ParityLayout layout, int disks, int chunk, byte[] volume, Integer... missing)
            throws IOException {
        LostArrayCandidate best =
                find(layout, disks, chunk, volume, Arrays.asList(missing)).getFirst();
        assertEquals(new LostArrayShape(layout, disks, chunk, LostDisks.OFFSET), best.shape(), best.toString());
        List<String> order = new ArrayList<>();
        for (int slot = 0; slot < disks; slot++) {
            order.add(Arrays.asList(missing).contains(slot) ? LostArrayCandidate.MISSING : "disk" + slot);
        }
        assertEquals(order, best.order(), best.toString());
    }

    @Test
    void contentThatDiffersFromPieceToPieceTellsTheOrder() throws IOException {
        Random random = new Random(86);
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 4, 64 << 10, mixed(3 * LostDisks.MEMBER, random));
        assertFound(ParityLayout.RIGHT_ASYMMETRIC_5, 5, 16 << 10, mixed(4 * LostDisks.MEMBER, random));
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 5, 32 << 10, mixed(4 * LostDisks.MEMBER, random), 2);
        assertFound(ParityLayout.LEFT_ASYMMETRIC_5, 8, 8 << 10, mixed(7 * LostDisks.MEMBER, random));
    }

    /** A RAID-4 whose missing device is the parity fits whatever the devices hold; but its parity would be empty. */
    @Test
    void randomPiecesTellTheOrderIfADeviceIsMissing() throws IOException {
        Random random = new Random(88);
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 4, 64 << 10, scattered(3 * LostDisks.MEMBER, random), 1);
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 3, 16 << 10, scattered(2 * LostDisks.MEMBER, random), 0);
        assertFound(ParityLayout.RIGHT_SYMMETRIC_5, 8, 16 << 10, scattered(7 * LostDisks.MEMBER, random), 3);
        assertFound(ParityLayout.RAID4, 4, 64 << 10, scattered(3 * LostDisks.MEMBER, random), 1);
        assertFound(ParityLayout.RAID4, 5, 32 << 10, scattered(4 * LostDisks.MEMBER, random), 4);
    }

    /**
     * All bytes are random: of RAID-5 nothing can be told. Of RAID-6 parity tells the order, but not in which order the
     * data chunks of a row follow each other: two layouts have the same parity.
     */
    @Test
    void parityAloneTellsTheOrderOfRaid6() throws IOException {
        Random random = new Random(87);
        byte[] noise = new byte[4 * LostDisks.MEMBER];
        random.nextBytes(noise);
        assertFound(ParityLayout.DDF_N_RESTART, 6, 64 << 10, noise);
        List<LostArrayCandidate> equal = find(ParityLayout.LEFT_ASYMMETRIC_6, 5, 16 << 10, noise, List.of(1));
        List<ParityLayout> layouts =
                equal.stream().map(each -> each.shape().layout()).toList();
        assertTrue(layouts.contains(ParityLayout.LEFT_ASYMMETRIC_6), layouts::toString);
        assertTrue(layouts.contains(ParityLayout.LEFT_SYMMETRIC_6), layouts::toString);
        assertEquals(
                List.of("disk0", "missing", "disk2", "disk3", "disk4"),
                equal.getFirst().order());
        assertTrue(equal.getFirst().fit().distinct() < 0.6, equal::toString);
        assertEquals(List.of(), find(ParityLayout.LEFT_SYMMETRIC_5, 4, 64 << 10, noise, List.of()));
    }
}
