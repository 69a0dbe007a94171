package io.mdfuse.raid.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.writepath.MemberWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replay writes few large blocks to the members, and exactly what its stripes contain. */
class MergedRunsTest {
    private static final int BLOCK = Sectors.BLOCK_BYTES;
    private static final int CHUNK_STRIPES = 8;
    private static final int STRIPES = 4 * CHUNK_STRIPES;

    private final CrashTrace trace = CrashTrace.recording();
    private final Random random = new Random(1);

    /** The stripes that are added, and the data blocks each of them writes. */
    private void check(ParityLayout layout, IntPredicate added, int changes, int expectedWrites) throws IOException {
        ArrayGeometry geometry = new ArrayGeometry(
                layout, layout.parityCount() + 3, CHUNK_STRIPES * Sectors.PER_BLOCK, STRIPES * Sectors.PER_BLOCK);
        List<CrashDisk> disks = new ArrayList<>();
        List<@Nullable Member> members = new ArrayList<>();
        List<byte[]> expected = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            disks.add(new CrashDisk("disk" + slot, (long) STRIPES * BLOCK, trace));
            members.add(new Member(slot, disks.get(slot), 0));
            expected.add(new byte[STRIPES * BLOCK]);
        }
        MemberSet set = new MemberSet(members, layout.parityCount(), slot -> {}, Runnable::run);
        StripeRange all = new StripeRange(0, geometry.memberSectors());
        try (StripeLocks.Lease lease = new StripeLocks().lock(all);
                MergedRuns merged = new MergedRuns(geometry, new MemberWriter(geometry, set), lease)) {
            MemorySegment reused = MemorySegment.ofArray(new byte[geometry.raidDisks() * BLOCK]);
            for (int stripe = 0; stripe < STRIPES; stripe++) {
                if (added.test(stripe)) {
                    int omitted = changes > 0 && stripe >= changes ? 1 : -1;
                    merged.add(run(geometry, stripe, omitted, reused, expected));
                }
            }
            merged.finish();
        }
        assertEquals(expectedWrites, trace.length());
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            byte[] found = new byte[STRIPES * BLOCK];
            disks.get(slot).read(0, MemorySegment.ofArray(found));
            assertArrayEquals(expected.get(slot), found, "slot " + slot);
        }
    }

    private RunWrite run(ArrayGeometry geometry, int stripe, int omitted, MemorySegment reused, List<byte[]> expected) {
        long sector = (long) stripe * Sectors.PER_BLOCK;
        long row = geometry.rowOfStripe(sector);
        byte[] content = new byte[(int) reused.byteSize()];
        random.nextBytes(content);
        reused.copyFrom(MemorySegment.ofArray(content));
        List<@Nullable MemorySegment> data = new ArrayList<>();
        @Nullable MemorySegment[] parity = new MemorySegment[2];
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            int index = geometry.dataIndex(row, slot);
            MemorySegment block = reused.asSlice((long) slot * BLOCK, BLOCK);
            if (index < 0) {
                parity[slot == geometry.parityP(row) ? 0 : 1] = block;
            }
            if (index < 0 || index != omitted) {
                MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, expected.get(slot), stripe * BLOCK, BLOCK);
            }
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long offset = (long) geometry.dataSlot(row, index) * BLOCK;
            data.add(index == omitted ? null : reused.asSlice(offset, BLOCK));
        }
        RunWrite run = new RunWrite(geometry, sector, 1, data);
        run.setParity(Objects.requireNonNull(parity[0]), parity[1]);
        return run;
    }

    @ParameterizedTest
    @EnumSource(
            value = ParityLayout.class,
            names = {"RAID4", "LEFT_SYMMETRIC_5", "LEFT_SYMMETRIC_6", "DDF_N_CONTINUE"})
    void eachChunkIsOneWrite(ParityLayout layout) throws IOException {
        check(layout, stripe -> true, 0, 4 * (layout.parityCount() + 3));
    }

    @Test
    void aStripeThatIsNotThereEndsAWrite() throws IOException {
        check(ParityLayout.LEFT_SYMMETRIC_5, stripe -> stripe != 3 && stripe != 7, 0, 5 * 4);
    }

    @Test
    void stripesThatWriteOtherSlotsAreNotMerged() throws IOException {
        check(ParityLayout.LEFT_SYMMETRIC_6, stripe -> true, 4, 5 + 4 * 4);
    }
}
