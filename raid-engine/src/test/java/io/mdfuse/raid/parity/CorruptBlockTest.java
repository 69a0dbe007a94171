package io.mdfuse.raid.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.raid.parity.CorruptBlock.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each block of a stripe is corrupted at one byte, at some bytes, and at all bytes. */
class CorruptBlockTest {
    private static final int PAGE = 4096;

    private static final int DATA = 6;

    private final Random random = new Random(9);

    @Test
    void everyCorruptBlockIsLocated() {
        for (int corrupt = 0; corrupt < DATA + 2; corrupt++) {
            for (int wrongBytes : new int[] {1, 2, 100, PAGE}) {
                List<MemorySegment> blocks = soundStripe();
                damage(blocks.get(corrupt), wrongBytes);
                CorruptBlock wanted = corrupt < DATA
                        ? new CorruptBlock(Kind.DATA, corrupt)
                        : new CorruptBlock(corrupt == DATA ? Kind.P : Kind.Q, -1);
                assertEquals(wanted, locate(blocks), "block " + corrupt + ", " + wrongBytes + " bytes");
            }
        }
    }

    @Test
    void aConsistentStripeHasNone() {
        assertEquals(new CorruptBlock(Kind.NONE, -1), locate(soundStripe()));
    }

    @Test
    void twoCorruptBlocksAreNotTakenForOne() {
        for (int one = 0; one < DATA + 2; one++) {
            for (int other = one + 1; other < DATA + 2; other++) {
                List<MemorySegment> blocks = soundStripe();
                damage(blocks.get(one), PAGE);
                damage(blocks.get(other), PAGE);
                assertEquals(Kind.SEVERAL, locate(blocks).kind(), one + " and " + other);
            }
        }
    }

    /**
     * If P and Q are both wrong by the same amount everywhere, they point to an exponent, perhaps one that no data
     * block has.
     */
    @Test
    void anExponentThatNoDiskHasMeansSeveral() {
        MemorySegment pDelta = MemorySegment.ofArray(new byte[PAGE]).fill((byte) 1);
        MemorySegment qDelta = MemorySegment.ofArray(new byte[PAGE]).fill((byte) SlowField.powerOfTwo(DATA));
        assertEquals(
                Kind.SEVERAL,
                CorruptBlock.locate(pDelta, qDelta, exponent -> exponent < DATA).kind());
        assertEquals(
                new CorruptBlock(Kind.DATA, DATA), CorruptBlock.locate(pDelta, qDelta, exponent -> exponent <= DATA));
    }

    private List<MemorySegment> soundStripe() {
        List<MemorySegment> blocks = new ArrayList<>();
        for (int i = 0; i < DATA + 2; i++) {
            byte[] bytes = new byte[PAGE];
            random.nextBytes(bytes);
            blocks.add(MemorySegment.ofArray(bytes));
        }
        DualParity.sum(blocks.get(DATA), blocks.get(DATA + 1), blocks.subList(0, DATA));
        return blocks;
    }

    private void damage(MemorySegment block, int wrongBytes) {
        int from = random.nextInt(PAGE - wrongBytes + 1);
        byte[] noise = new byte[wrongBytes];
        for (int i = 0; i < wrongBytes; i++) {
            noise[i] = (byte) (1 + random.nextInt(255));
        }
        XorParity.add(block.asSlice(from, wrongBytes), MemorySegment.ofArray(noise));
    }

    private static CorruptBlock locate(List<MemorySegment> blocks) {
        MemorySegment pDelta = MemorySegment.ofArray(new byte[PAGE]);
        MemorySegment qDelta = MemorySegment.ofArray(new byte[PAGE]);
        DualParity.sum(pDelta, qDelta, blocks.subList(0, DATA));
        XorParity.add(pDelta, blocks.get(DATA));
        XorParity.add(qDelta, blocks.get(DATA + 1));
        return CorruptBlock.locate(pDelta, qDelta, exponent -> exponent < DATA);
    }
}
