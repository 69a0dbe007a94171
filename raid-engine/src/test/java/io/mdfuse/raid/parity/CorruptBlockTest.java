package io.mdfuse.raid.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.raid.parity.CorruptBlock.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every block of a stripe is made to lie, at one byte, at some, at all of them. */
class CorruptBlockTest {
    private static final int PAGE = 4096;

    private static final int DATA = 6;

    private final Random random = new Random(9);

    @Test
    void everyBlockThatLiesIsLocated() {
        for (int lying = 0; lying < DATA + 2; lying++) {
            for (int wrongBytes : new int[] {1, 2, 100, PAGE}) {
                List<MemorySegment> blocks = soundStripe();
                damage(blocks.get(lying), wrongBytes);
                CorruptBlock wanted = lying < DATA
                        ? new CorruptBlock(Kind.DATA, lying)
                        : new CorruptBlock(lying == DATA ? Kind.P : Kind.Q, -1);
                assertEquals(wanted, locate(blocks), "block " + lying + ", " + wrongBytes + " bytes");
            }
        }
    }

    @Test
    void aSoundStripeHasNone() {
        assertEquals(new CorruptBlock(Kind.NONE, -1), locate(soundStripe()));
    }

    @Test
    void twoBlocksThatLieAreNotTakenForOne() {
        for (int one = 0; one < DATA + 2; one++) {
            for (int other = one + 1; other < DATA + 2; other++) {
                List<MemorySegment> blocks = soundStripe();
                damage(blocks.get(one), PAGE);
                damage(blocks.get(other), PAGE);
                assertEquals(Kind.SEVERAL, locate(blocks).kind(), one + " and " + other);
            }
        }
    }

    /** P and Q both wrong by the same everywhere point to an exponent, perhaps to one that no disk has. */
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
