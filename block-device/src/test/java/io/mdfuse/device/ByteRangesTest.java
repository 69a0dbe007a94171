package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.ByteRanges.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every operation gives what the same operation on a set of single bytes gives. */
final class ByteRangesTest {
    private static final int BYTES = 60;

    private final Random random = new Random(5);

    private BitSet bits(ByteRanges ranges) {
        BitSet bits = new BitSet();
        for (Range range : ranges.list()) {
            bits.set((int) range.startBytes(), (int) range.endBytes());
        }
        return bits;
    }

    private ByteRanges some() {
        List<Range> ranges = new ArrayList<>();
        for (int count = random.nextInt(6); count > 0; count--) {
            int start = random.nextInt(BYTES);
            ranges.add(new Range(start, start + random.nextInt(10)));
        }
        return ByteRanges.of(ranges);
    }

    @Test
    void operationsAgreeWithThoseOfABitSet() {
        for (int round = 0; round < 3000; round++) {
            ByteRanges one = some();
            ByteRanges other = some();
            int start = random.nextInt(BYTES);
            int length = random.nextInt(20);
            BitSet bits = bits(one);
            assertEquals(bits.cardinality(), one.totalBytes());
            BitSet inside = bits.get(start, start + length);
            assertEquals(!inside.isEmpty(), one.overlaps(start, length), one + " " + start + " " + length);
            assertEquals(inside, bits(one.within(start, length)));
            BitSet both = (BitSet) bits.clone();
            both.or(bits(other));
            assertEquals(both, bits(one.with(other)));
            BitSet left = (BitSet) bits.clone();
            left.andNot(bits(other));
            assertEquals(left, bits(one.without(other)), one + " without " + other);
            bits.clear(start, start + length);
            assertEquals(bits, bits(one.without(start, length)));
        }
    }

    @Test
    void rangesThatTouchAreOne() {
        ByteRanges ranges = ByteRanges.of(List.of(new Range(8, 12), new Range(0, 4), new Range(4, 8), new Range(3, 3)));
        assertEquals(List.of(new Range(0, 12)), ranges.list());
        assertEquals(1, ranges.count());
        assertEquals(ByteRanges.NONE, ranges.without(0, 12));
    }
}
