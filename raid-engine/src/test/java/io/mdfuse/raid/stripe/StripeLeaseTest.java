package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method of this package that works on stripes under a lease refuses a lease that does not cover them. */
class StripeLeaseTest {
    private final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, 64, 128);
    private final MemberSet members = members();
    private final SyncPosition syncPosition = new SyncPosition(ResyncOffset.inSync());
    private final StripeReader stripeReader = new StripeReader(geometry, members, syncPosition, 1);
    private final ParityMaker parityMaker = new ParityMaker(geometry, members, syncPosition, stripeReader);
    private final StripeCache cache = new StripeCache(geometry, new BigStripeTree());
    private final RunWrite run = TestRuns.of(geometry, LeaseProof.STRIPES.fromSector(), 2, 1, (byte) 1);

    private final Map<String, LeaseProof.Call> calls = Map.of(
            "StripeReader.read",
            lease -> stripeReader.read(lease, 0, LeaseProof.STRIPES.memberOffsetBytes(), block(2)),
            "ParityMaker.make",
            lease -> parityMaker.make(lease, run, block(2), null, block(6)),
            "ParityMaker.written",
            lease -> {
                run.noteSumOfAllData();
                parityMaker.written(lease, List.of(run));
            },
            "BlockHealer.putBack",
            lease -> new BlockHealer(members)
                    .putBack(lease, member(), LeaseProof.STRIPES.memberOffsetBytes(), block(2), block(2)),
            "BlockHealer.heal",
            lease -> new BlockHealer(members)
                    .heal(lease, member(), LeaseProof.STRIPES.memberOffsetBytes(), block(2), block(2)),
            "StripeCache.put",
            lease -> cache.put(lease, run, () -> () -> {}),
            "StripeCache.gather",
            lease -> cache.gather(lease, LeaseProof.STRIPES, block(2), 2),
            "StripeCache.remove",
            lease -> cache.remove(lease, run));

    private static MemberSet members() {
        List<Member> made = new ArrayList<>();
        for (int slot = 0; slot < 3; slot++) {
            made.add(new Member(slot, new CrashDisk("disk" + slot, 128 * 512), 0));
        }
        return new MemberSet(made, 1, _ -> {}, Runnable::run);
    }

    private Member member() {
        return Objects.requireNonNull(members.member(0));
    }

    private static MemorySegment block(int blocks) {
        return Arena.ofAuto().allocate(blocks * 4096L, 4096);
    }

    @AfterEach
    void freeMemory() {
        stripeReader.close();
        cache.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "StripeReader.read",
                "ParityMaker.make",
                "ParityMaker.written",
                "BlockHealer.putBack",
                "BlockHealer.heal",
                "StripeCache.put",
                "StripeCache.gather",
                "StripeCache.remove"
            })
    void aLeaseOnTheStripesIsNeeded(String name) {
        LeaseProof.Call call = Objects.requireNonNull(calls.get(name));
        LeaseProof.assertNeeded(call);
        try (StripeLocks.Lease lease = new StripeLocks().lock(LeaseProof.STRIPES)) {
            assertDoesNotThrow(() -> call.with(lease));
        }
    }

    @Test
    void aRangeThatWasAddedIsCoveredToo() {
        StripeLocks locks = new StripeLocks();
        try (StripeLocks.Lease lease = locks.lock(new StripeRange(64, 128));
                StripeLocks.Lease other = locks.lock(new StripeRange(256, 264))) {
            assertTrue(lease.tryAdd(LeaseProof.STRIPES));
            assertFalse(lease.tryAdd(other.range()), "another lease has it");
            lease.require(LeaseProof.STRIPES);
            lease.require(new StripeRange(72, 80));
            assertThrows(IllegalStateException.class, () -> lease.require(other.range()));
            assertThrows(IllegalStateException.class, () -> lease.require(new StripeRange(16, 72)));
        }
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
