package io.mdfuse.raid.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The decision table of the replay, over every combination of its conditions, and when a data-parity stripe is known.
 */
class ReplayTableTest {
    private static final int BLOCK = Sectors.BLOCK_BYTES;

    @Test
    void everyCombinationIsOneCase() {
        for (int bits = 0; bits < 8; bits++) {
            boolean covered = (bits & 1) != 0;
            boolean known = (bits & 2) != 0;
            boolean uncovered = (bits & 4) != 0;
            ReplayCase expected = ReplayCase.DOUBTFUL;
            if (!covered) {
                expected = uncovered ? ReplayCase.DATA_ONLY : ReplayCase.NOTHING;
            } else if (known) {
                expected = uncovered ? ReplayCase.DATA_PARITY_THEN_DATA_ONLY : ReplayCase.DATA_PARITY;
            }
            assertEquals(expected, ReplayCase.of(covered, known, uncovered), "combination " + bits);
        }
    }

    /** The state of one slot in the log and on its member. */
    private enum Slot {
        LOGGED,
        DAMAGED,
        ON_MEMBER,
        MISSING
    }

    /**
     * Every state of every slot of a stripe: the stripe is known if and only if the layout can solve the lost slots,
     * and then every covered block and parity is correct.
     */
    @ParameterizedTest
    @EnumSource(
            value = ParityLayout.class,
            names = {"RAID4", "LEFT_SYMMETRIC_5", "LEFT_SYMMETRIC_6", "DDF_N_CONTINUE"})
    void aDataParityStripeIsKnownIfItsLostSlotsCanBeSolved(ParityLayout layout) throws IOException {
        int disks = layout.parityCount() + 3;
        LoggedStripe logged = new LoggedStripe(new ArrayGeometry(layout, disks, 8, 8));
        int combinations = (int) Math.pow(Slot.values().length, disks);
        int known = 0;
        for (int combination = 0; combination < combinations; combination++) {
            List<Slot> slots = new ArrayList<>();
            for (int slot = 0, rest = combination; slot < disks; slot++, rest /= Slot.values().length) {
                slots.add(Slot.values()[rest % Slot.values().length]);
            }
            known += logged.check(slots) ? 1 : 0;
        }
        assertEquals(true, known > 20 && known < combinations, known + " of " + combinations);
    }

    /** One stripe whose correct content the test knows, and a log that has every block of it as a page. */
    private static final class LoggedStripe {
        private final ArrayGeometry geometry;
        private final List<byte[]> correct = new ArrayList<>();
        private final CrashDisk log;
        private final LogArea area;

        LoggedStripe(ArrayGeometry geometry) throws IOException {
            this.geometry = geometry;
            int disks = geometry.raidDisks();
            Random random = new Random(disks);
            for (int slot = 0; slot < disks; slot++) {
                byte[] block = new byte[BLOCK];
                random.nextBytes(block);
                correct.add(block);
            }
            MemorySegment p = MemorySegment.ofArray(correct.get(geometry.parityP(0)));
            int slotOfQ = geometry.parityQ(0);
            for (int at = 0; at < BLOCK; at++) {
                int pByte = 0;
                int qByte = 0;
                for (int index = 0; index < geometry.dataDisks(); index++) {
                    int octet = correct.get(geometry.dataSlot(0, index))[at] & 0xff;
                    pByte ^= octet;
                    for (int i = 0; slotOfQ >= 0 && i < geometry.exponent(0, index); i++) {
                        octet = (octet << 1 ^ (octet >> 7) * 0x11d) & 0xff;
                    }
                    qByte ^= octet;
                }
                p.set(ValueLayout.JAVA_BYTE, at, (byte) pByte);
                if (slotOfQ >= 0) {
                    correct.get(slotOfQ)[at] = (byte) qByte;
                }
            }
            log = new CrashDisk("log", (long) (disks + 8) * BLOCK, CrashTrace.notRecording());
            area = new LogArea(log, 0, (disks + 8) * 8L);
            for (int slot = 0; slot < disks; slot++) {
                log.write((long) slot * BLOCK, MemorySegment.ofArray(correct.get(slot)));
            }
        }

        /** Returns whether the stripe is known; fails if that, or a block of the stripe, is wrong. */
        boolean check(List<Slot> slots) throws IOException {
            StripeReplay stripe = new StripeReplay(geometry.dataDisks());
            List<@Nullable Member> members = new ArrayList<>();
            int lost = 0;
            long[] parityPages = {StripeReplay.NONE, StripeReplay.NONE};
            for (int slot = 0; slot < geometry.raidDisks(); slot++) {
                Slot state = slots.get(slot);
                int index = geometry.dataIndex(0, slot);
                boolean isParity = index < 0;
                members.add(state == Slot.MISSING ? null : member(slot));
                if (isParity) {
                    if (state == Slot.LOGGED) {
                        parityPages[slot == geometry.parityP(0) ? 0 : 1] = slot * 8L;
                    }
                    // Parity that is only on its member may be old.
                    lost += state == Slot.LOGGED ? 0 : 1;
                } else {
                    if (state == Slot.LOGGED || state == Slot.DAMAGED) {
                        stripe.data(index, slot * 8L, state == Slot.LOGGED);
                    }
                    lost += state == Slot.DAMAGED || state == Slot.MISSING ? 1 : 0;
                }
            }
            stripe.parity(parityPages[0], parityPages[1]);
            MemberSet set = new MemberSet(members, geometry.layout().parityCount(), slot -> {}, Runnable::run);
            try (DataParityStripe dataParity = new DataParityStripe(geometry, set, area)) {
                RunWrite run = dataParity.read(0, stripe);
                if (lost > geometry.layout().parityCount()) {
                    assertNull(run, slots::toString);
                    return false;
                }
                assertNotNull(run, slots::toString);
                for (int index = 0; index < geometry.dataDisks(); index++) {
                    MemorySegment block = run.newData(index);
                    assertEquals(stripe.covered().has(index), block != null, slots::toString);
                    requireCorrect(geometry.dataSlot(0, index), block, slots);
                }
                requireCorrect(geometry.parityP(0), run.p(), slots);
                requireCorrect(geometry.parityQ(0), run.q(), slots);
                return true;
            }
        }

        private void requireCorrect(int slot, @Nullable MemorySegment block, List<Slot> slots) {
            if (block != null) {
                assertArrayEquals(correct.get(slot), block.toArray(ValueLayout.JAVA_BYTE), () -> slot + " of " + slots);
            }
        }

        /** Data blocks are on their members; the block of a parity slot has other content. */
        private Member member(int slot) throws IOException {
            CrashDisk disk = new CrashDisk("disk" + slot, BLOCK, CrashTrace.notRecording());
            if (geometry.dataIndex(0, slot) >= 0) {
                disk.write(0, MemorySegment.ofArray(correct.get(slot)));
            }
            return new Member(slot, disk, 0);
        }
    }
}
