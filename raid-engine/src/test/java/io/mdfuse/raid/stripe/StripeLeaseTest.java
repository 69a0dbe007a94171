package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.lock.SimulatedThread;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every method of this package that works on stripes under a lease refuses a lease that does not cover them. */
class StripeLeaseTest {
    private static Map<String, LeaseProof.Call> calls(LeasedArray array) {
        StripeParts parts = array.parts();
        BlockHealer healer = new BlockHealer(array.members());
        long offsetBytes = LeaseProof.STRIPES.memberOffsetBytes();
        Map<String, LeaseProof.Call> calls = new TreeMap<>();
        calls.put("StripeReader.read", lease -> parts.reader().read(lease, 0, offsetBytes, LeasedArray.blocks(2)));
        calls.put(
                "ParityMaker.make",
                lease -> parts.parityMaker()
                        .make(lease, array.run(), LeasedArray.blocks(2), null, LeasedArray.blocks(6)));
        calls.put("ParityMaker.written", lease -> parts.parityMaker().written(lease, List.of(array.run())));
        calls.put(
                "BlockHealer.putBack",
                lease -> healer.putBack(
                        lease, array.member(), offsetBytes, LeasedArray.blocks(2), LeasedArray.blocks(2)));
        calls.put(
                "BlockHealer.heal",
                lease -> healer.heal(lease, array.member(), offsetBytes, LeasedArray.blocks(2), LeasedArray.blocks(2)));
        calls.put("StripeCache.put", lease -> parts.cache().put(lease, array.run(), () -> () -> {}));
        calls.put(
                "StripeCache.gather",
                lease -> parts.cache().gather(lease, LeaseProof.STRIPES, LeasedArray.blocks(2), 2));
        calls.put("StripeCache.failWriteOut", lease -> parts.cache().failWriteOut(lease, List.of(array.run())));
        StripeCache empty = new StripeCache(array.geometry(), new BigStripeTree());
        calls.put("StripeCache.remove", lease -> empty.remove(lease, array.run()));
        return calls;
    }

    @TestFactory
    Stream<DynamicTest> aLeaseOnTheStripesIsNeeded() {
        LeasedArray array = new LeasedArray();
        return calls(array).entrySet().stream()
                .map(call -> DynamicTest.dynamicTest(call.getKey(), () -> LeaseProof.assertNeeded(call.getValue())))
                .onClose(array::close);
    }

    @Test
    void aRangeThatWasAddedIsCoveredToo() {
        StripeLocks locks = new StripeLocks();
        SimulatedThread otherThread = new SimulatedThread();
        StripeLocks.Lease other = otherThread.call(() -> locks.lock(new StripeRange(256, 264)));
        try (StripeLocks.Lease lease = locks.lock(new StripeRange(64, 128))) {
            assertTrue(lease.tryAdd(LeaseProof.STRIPES));
            assertFalse(lease.tryAdd(other.range()), "another lease has it");
            lease.require(LeaseProof.STRIPES);
            lease.require(new StripeRange(72, 80));
            assertThrows(IllegalStateException.class, () -> lease.require(other.range()));
            assertThrows(IllegalStateException.class, () -> lease.require(new StripeRange(16, 72)));
        }
        otherThread.run(other::close);
        try (StripeLocks.Lease all = locks.lockAll()) {
            all.require(new StripeRange(0, 1L << 60));
        }
    }

    @Test
    void aRangeIsWholeStripes() {
        assertThrows(IllegalArgumentException.class, () -> new StripeRange(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new StripeRange(4, 16));
        assertThrows(IllegalArgumentException.class, () -> new StripeRange(8, 20));
        assertThrows(IllegalArgumentException.class, () -> new StripeRange(-8, 8));
        StripeRange range = StripeRange.covering(9, 41);
        assertEquals(new StripeRange(8, 48), range);
        assertEquals(List.of(new StripeRange(8, 24), new StripeRange(24, 40), new StripeRange(40, 48)), range.split(2));
        assertEquals(new StripeRange(8, 24), StripeRange.coveringBytes(5000, 2 * 4096 - 904));
    }
}
