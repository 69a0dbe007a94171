package io.mdfuse.raid.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P and Q compared with a slow model, byte by byte, for lengths that are not a multiple of a word or a tile. */
class DualParityTest {
    private static final int[] LENGTHS = {1, 7, 8, 9, 512, 4096, 8192, 8193, 20_003};

    private final Random random = new Random(5);

    @Test
    void goldenValues() {
        int[] data = {0x11, 0x22, 0x33, 0x44, 0x80};
        List<MemorySegment> blocks = new ArrayList<>();
        for (int octet : data) {
            blocks.add(MemorySegment.ofArray(new byte[4096]).fill((byte) octet));
        }
        MemorySegment p = random(4096);
        MemorySegment q = random(4096);
        DualParity.sum(p, q, blocks);
        assertEquals(-1, p.mismatch(MemorySegment.ofArray(new byte[4096]).fill((byte) 0xc4)));
        assertEquals(-1, q.mismatch(MemorySegment.ofArray(new byte[4096]).fill((byte) 0x6b)));
    }

    @Test
    void sumsAgreeWithTheSlowModelForAnySetOfExponents() {
        for (int length : LENGTHS) {
            for (int there = 0; there < 64; there++) {
                List<@Nullable MemorySegment> byExponent = new ArrayList<>();
                for (int exponent = 0; exponent < 6; exponent++) {
                    byExponent.add((there >> exponent & 1) == 1 ? random(length) : null);
                }
                MemorySegment p = random(length);
                MemorySegment q = random(length);
                DualParity.sum(p, q, byExponent);
                assertSame(slowSum(length, byExponent, false), p);
                assertSame(slowSum(length, byExponent, true), q);
            }
        }
    }

    @Test
    void sumsOfUnalignedNativeMemoryAgreeWithTheSlowModel() {
        for (int count = 1; count <= 9; count++) {
            try (Arena arena = Arena.ofConfined()) {
                List<@Nullable MemorySegment> blocks = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    blocks.add(arena.allocate(20_003 + i, 64).asSlice(i).copyFrom(random(20_003)));
                }
                MemorySegment p = arena.allocate(20_003 + 3).asSlice(3);
                MemorySegment q = arena.allocate(20_003 + 5).asSlice(5);
                DualParity.sum(p, q, blocks);
                assertSame(slowSum(20_003, blocks, false), p);
                assertSame(slowSum(20_003, blocks, true), q);
                XorParity.sum(q, blocks.stream().map(Objects::requireNonNull).toList());
                assertSame(p, q);
            }
        }
    }

    @Test
    void sumOfSourcesOfUnequalLengthsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> XorParity.sum(zeros(8), List.of(zeros(8), zeros(16))));
        assertThrows(IllegalArgumentException.class, () -> XorParity.add(zeros(8), zeros(16)));
    }

    @Test
    void sumsReachTheHighestExponents() {
        List<@Nullable MemorySegment> byExponent = new ArrayList<>();
        for (int exponent = 0; exponent < 255; exponent++) {
            byExponent.add(exponent % 3 == 1 ? null : random(77));
        }
        MemorySegment p = random(77);
        MemorySegment q = random(77);
        DualParity.sum(p, q, byExponent);
        assertSame(slowSum(77, byExponent, false), p);
        assertSame(slowSum(77, byExponent, true), q);
    }

    @Test
    void aDifferenceGivesTheSumsOfTheNewData() {
        for (int length : LENGTHS) {
            for (int changed = 0; changed < 12; changed++) {
                List<MemorySegment> byExponent = new ArrayList<>();
                for (int exponent = 0; exponent < 12; exponent++) {
                    byExponent.add(random(length));
                }
                MemorySegment p = random(length);
                MemorySegment q = random(length);
                DualParity.sum(p, q, byExponent);
                MemorySegment difference = byExponent.get(changed);
                MemorySegment fresh = random(length);
                byExponent.set(changed, fresh);
                XorParity.add(difference, fresh);
                DualParity.addDifference(p, q, changed, difference);
                assertSame(slowSum(length, byExponent, false), p);
                assertSame(slowSum(length, byExponent, true), q);
            }
        }
    }

    @Test
    void oneLostBlockIsSolvedFromQ() {
        for (int length : LENGTHS) {
            for (int lost = 0; lost < 9; lost++) {
                MemorySegment block = random(length);
                MemorySegment delta = zeros(length);
                FieldRuns.addProduct(delta, SlowField.powerOfTwo(lost), block);
                DualParity.solveFromQ(delta, lost);
                assertSame(block, delta);
            }
        }
    }

    /** Every possible pair of exponents. */
    @Test
    void twoLostBlocksAreSolved() {
        for (int a = 0; a < 255; a++) {
            for (int b = 0; b < 255; b++) {
                int first = a;
                int second = b;
                if (a == b) {
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> DualParity.solveTwo(zeros(8), zeros(8), first, second));
                    continue;
                }
                MemorySegment blockA = random(27);
                MemorySegment blockB = random(27);
                MemorySegment p = zeros(27);
                MemorySegment q = zeros(27);
                DualParity.addDifference(p, q, a, blockA);
                DualParity.addDifference(p, q, b, blockB);
                DualParity.solveTwo(p, q, a, b);
                assertSame(blockA, p);
                assertSame(blockB, q);
            }
        }
    }

    @Test
    void twoLostBlocksAreSolvedTileByTile() {
        for (int length : LENGTHS) {
            MemorySegment blockA = random(length);
            MemorySegment blockB = random(length);
            MemorySegment p = zeros(length);
            MemorySegment q = zeros(length);
            DualParity.addDifference(p, q, 3, blockA);
            DualParity.addDifference(p, q, 0, blockB);
            DualParity.solveTwo(p, q, 3, 0);
            assertSame(blockA, p);
            assertSame(blockB, q);
        }
    }

    @Test
    void everyFactorMultipliesEveryByte() {
        byte[] all = new byte[256 + 5];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        for (int factor = 0; factor < 256; factor++) {
            MemorySegment product = MemorySegment.ofArray(all.clone());
            FieldRuns.multiply(product, factor);
            for (int i = 0; i < all.length; i++) {
                assertEquals(
                        (byte) SlowField.product(factor, i & 0xff),
                        product.get(ValueLayout.JAVA_BYTE, i),
                        factor + " * " + i);
            }
        }
    }

    @Test
    void blocksMustComeInDescendingOrder() {
        SyndromeSum sum = new SyndromeSum(zeros(8), zeros(8));
        sum.add(3, zeros(8));
        assertThrows(IllegalArgumentException.class, () -> sum.add(3, zeros(8)));
        assertThrows(IllegalArgumentException.class, () -> sum.add(4, zeros(8)));
        assertThrows(IllegalArgumentException.class, () -> sum.add(-1, zeros(8)));
        assertThrows(IllegalArgumentException.class, () -> sum.add(2, zeros(9)));
    }

    private static MemorySegment slowSum(
            int length, List<? extends @Nullable MemorySegment> byExponent, boolean weighed) {
        byte[] sum = new byte[length];
        for (int exponent = 0; exponent < byExponent.size(); exponent++) {
            MemorySegment block = byExponent.get(exponent);
            int weight = weighed ? SlowField.powerOfTwo(exponent) : 1;
            for (int at = 0; block != null && at < length; at++) {
                sum[at] ^= (byte) SlowField.product(weight, block.get(ValueLayout.JAVA_BYTE, at) & 0xff);
            }
        }
        return MemorySegment.ofArray(sum);
    }

    private static void assertSame(MemorySegment wanted, MemorySegment found) {
        assertArrayEquals(wanted.toArray(ValueLayout.JAVA_BYTE), found.toArray(ValueLayout.JAVA_BYTE));
    }

    private MemorySegment random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    private static MemorySegment zeros(int length) {
        return MemorySegment.ofArray(new byte[length]);
    }
}
