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
 * The decision table of the replay, over every combination of its conditions, and what is known of a settled stripe.
 */
class ReplayTableTest {
    private static final int BLOCK = Sectors.BLOCK_BYTES;

    @Test
    void everyCombinationIsOneCase() {
        for (int bits = 0; bits < 8; bits++) {
            boolean settled = (bits & 1) != 0;
            boolean known = (bits & 2) != 0;
            boolean pending = (bits & 4) != 0;
            ReplayCase expected = ReplayCase.DOUBTFUL;
            if (!settled) {
                expected = pending ? ReplayCase.PENDING : ReplayCase.NOTHING;
            } else if (known) {
                expected = pending ? ReplayCase.SETTLED_THEN_PENDING : ReplayCase.SETTLED;
            }
            assertEquals(expected, ReplayCase.of(settled, known, pending), "combination " + bits);
        }
    }

    /** What of one slot the log and the members have. */
    private enum Slot {
        LOGGED,
        DAMAGED,
        ON_MEMBER,
        MISSING
    }

    /**
     * Every state of every slot of a stripe: it is known just where no more is lost than the layout makes good, and
     * then every settled block and parity is right.
     */
    @ParameterizedTest
    @EnumSource(
            value = ParityLayout.class,
            names = {"RAID4", "LEFT_SYMMETRIC_5", "LEFT_SYMMETRIC_6", "DDF_N_CONTINUE"})
    void aSettledStripeIsKnownWhereEnoughIsLeft(ParityLayout layout) throws IOException {
        int disks = layout.parityCount() + 3;
        World world = new World(new ArrayGeometry(layout, disks, 8, 8));
        int combinations = (int) Math.pow(Slot.values().length, disks);
        int known = 0;
        for (int combination = 0; combination < combinations; combination++) {
            List<Slot> slots = new ArrayList<>();
            for (int slot = 0, rest = combination; slot < disks; slot++, rest /= Slot.values().length) {
                slots.add(Slot.values()[rest % Slot.values().length]);
            }
            known += world.check(slots) ? 1 : 0;
        }
        assertEquals(true, known > 20 && known < combinations, known + " of " + combinations);
    }

    /** One stripe whose right content is known to the test, and a log that has every block of it as a page. */
    private static final class World {
        private final ArrayGeometry geometry;
        private final List<byte[]> right = new ArrayList<>();
        private final CrashDisk log;
        private final LogArea area;

        World(ArrayGeometry geometry) throws IOException {
            this.geometry = geometry;
            int disks = geometry.raidDisks();
            Random random = new Random(disks);
            for (int slot = 0; slot < disks; slot++) {
                byte[] block = new byte[BLOCK];
                random.nextBytes(block);
                right.add(block);
            }
            MemorySegment p = MemorySegment.ofArray(right.get(geometry.parityP(0)));
            int slotOfQ = geometry.parityQ(0);
            for (int at = 0; at < BLOCK; at++) {
                int pByte = 0;
                int qByte = 0;
                for (int index = 0; index < geometry.dataDisks(); index++) {
                    int octet = right.get(geometry.dataSlot(0, index))[at] & 0xff;
                    pByte ^= octet;
                    for (int i = 0; slotOfQ >= 0 && i < geometry.exponent(0, index); i++) {
                        octet = (octet << 1 ^ (octet >> 7) * 0x11d) & 0xff;
                    }
                    qByte ^= octet;
                }
                p.set(ValueLayout.JAVA_BYTE, at, (byte) pByte);
                if (slotOfQ >= 0) {
                    right.get(slotOfQ)[at] = (byte) qByte;
                }
            }
            log = new CrashDisk("log", (long) (disks + 8) * BLOCK, CrashTrace.notRecording());
            area = new LogArea(log, 0, (disks + 8) * 8L);
            for (int slot = 0; slot < disks; slot++) {
                log.write((long) slot * BLOCK, MemorySegment.ofArray(right.get(slot)));
            }
        }

        /** Whether the stripe is known; fails where that, or a block of it, is wrong. */
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
                    // A parity that is on its member only may be an old one.
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
            try (SettledStripe settled = new SettledStripe(geometry, set, area)) {
                RunWrite run = settled.read(0, stripe);
                if (lost > geometry.layout().parityCount()) {
                    assertNull(run, slots::toString);
                    return false;
                }
                assertNotNull(run, slots::toString);
                for (int index = 0; index < geometry.dataDisks(); index++) {
                    MemorySegment block = run.newData(index);
                    assertEquals(stripe.settled().holds(index), block != null, slots::toString);
                    requireRight(geometry.dataSlot(0, index), block, slots);
                }
                requireRight(geometry.parityP(0), run.p(), slots);
                requireRight(geometry.parityQ(0), run.q(), slots);
                return true;
            }
        }

        private void requireRight(int slot, @Nullable MemorySegment block, List<Slot> slots) {
            if (block != null) {
                assertArrayEquals(right.get(slot), block.toArray(ValueLayout.JAVA_BYTE), () -> slot + " of " + slots);
            }
        }

        /** Data blocks are on their members; where parity is, something else stands. */
        private Member member(int slot) throws IOException {
            CrashDisk disk = new CrashDisk("disk" + slot, BLOCK, CrashTrace.notRecording());
            if (geometry.dataIndex(0, slot) >= 0) {
                disk.write(0, MemorySegment.ofArray(right.get(slot)));
            }
            return new Member(slot, disk, 0);
        }
    }
}
