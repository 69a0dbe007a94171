package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.FailureRecord;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unreadable blocks at every position of every member: read correctly, written back, and readable from then on. */
class BlockHealingTest {
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final int ROWS = 6;
    private static final int DATA_OFFSET = 8192;
    private static final int DISKS = 5;

    /** Some chunk rows on disks that can be made bad. */
    private static final class Array {
        private final ArrayGeometry geometry;
        private final List<CrashDisk> disks = new ArrayList<>();
        private final List<MemorySegment> content = new ArrayList<>();
        private final List<FaultPlan> faults = new ArrayList<>();
        private final List<@Nullable Member> members = new ArrayList<>();
        private final List<Integer> failed = new ArrayList<>();
        private int recorded;

        Array(ParityLayout layout) throws IOException {
            int chunkSectors = CHUNK_BYTES / Sectors.BYTES;
            geometry = new ArrayGeometry(layout, DISKS, chunkSectors, (long) chunkSectors * ROWS);
            for (int slot = 0; slot < DISKS; slot++) {
                disks.add(new CrashDisk("disk" + slot, DATA_OFFSET + ROWS * CHUNK_BYTES));
                content.add(MemorySegment.ofArray(new byte[ROWS * CHUNK_BYTES]));
                faults.add(new FaultPlan(slot));
                members.add(new Member(slot, new FaultyDevice(disks.get(slot), faults.get(slot)), DATA_OFFSET));
            }
            for (int row = 0; row < ROWS; row++) {
                List<MemorySegment> made = SoundStripe.make(geometry, row, CHUNK_BYTES, new Random(row));
                for (int slot = 0; slot < DISKS; slot++) {
                    content.get(slot)
                            .asSlice((long) row * CHUNK_BYTES, CHUNK_BYTES)
                            .copyFrom(made.get(slot));
                }
            }
            for (int slot = 0; slot < DISKS; slot++) {
                disks.get(slot).write(DATA_OFFSET, content.get(slot));
                disks.get(slot).flush();
            }
        }

        /** From here on the member has a bad-block log. */
        BadBlocks giveLog(int slot, int capacity) {
            BadBlocks badBlocks = new BadBlocks(0, capacity);
            FaultyDevice device = new FaultyDevice(disks.get(slot), faults.get(slot));
            members.set(slot, Member.of(slot, slot, device, DATA_OFFSET, badBlocks, RecoveryPosition.inSync()));
            return badBlocks;
        }

        Member member(int slot) {
            return java.util.Objects.requireNonNull(members.get(slot));
        }

        void bad(int slot, long offsetBytes, int lengthBytes) {
            faults.get(slot).badSectors(DATA_OFFSET + offsetBytes, lengthBytes);
        }

        void read(int slot, long offsetBytes, int lengthBytes) throws IOException {
            MemorySegment target = readUnchecked(slot, offsetBytes, lengthBytes);
            assertEquals(-1, target.mismatch(content.get(slot).asSlice(offsetBytes, lengthBytes)), "slot " + slot);
        }

        MemorySegment readUnchecked(int slot, long offsetBytes, int lengthBytes) throws IOException {
            MemorySegment target = MemorySegment.ofArray(new byte[lengthBytes]);
            FailureRecord record = new FailureRecord() {
                @Override
                public void recordFailure(Member member) {
                    failed.add(member.slot());
                }

                @Override
                public void recordBadBlocks() {
                    recorded++;
                }
            };
            MemberSet set = new MemberSet(members, geometry.layout().parityCount(), record, Runnable::run);
            StripeReader reader = new StripeReader(geometry, set, new SyncPosition(ResyncOffset.inSync()), 1);
            try (StripeLocks.Lease lease = new StripeLocks().lockAll()) {
                reader.read(lease, slot, offsetBytes, target);
            } finally {
                reader.close();
            }
            return target;
        }

        void assertContentUntouched() throws IOException {
            for (int slot = 0; slot < DISKS; slot++) {
                MemorySegment found = MemorySegment.ofArray(new byte[ROWS * CHUNK_BYTES]);
                disks.get(slot).read(DATA_OFFSET, found);
                assertEquals(-1, found.mismatch(content.get(slot)), "disk " + slot);
            }
        }

        /** Replaces the content of a sector that the drive can't read: nothing may depend on it. */
        void scramble(int slot, long offsetBytes, int lengthBytes) throws IOException {
            byte[] junk = new byte[lengthBytes];
            new Random(offsetBytes).nextBytes(junk);
            disks.get(slot).write(DATA_OFFSET + offsetBytes, MemorySegment.ofArray(junk));
            disks.get(slot).flush();
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void everyBlockOfEveryMemberIsHealed(ParityLayout layout) throws IOException {
        Array array = new Array(layout);
        for (int slot = 0; slot < DISKS; slot++) {
            for (int at = 0; at < ROWS * CHUNK_BYTES; at += 4096) {
                int sector = at + (at / 4096 + slot) % 8 * 512;
                array.scramble(slot, sector, 512);
                array.bad(slot, sector, 512);
                int chunkStart = at - at % CHUNK_BYTES;
                array.read(slot, at % 8192 == 0 ? chunkStart : sector + 10, at % 8192 == 0 ? CHUNK_BYTES : 30);
                int solved = array.faults.get(slot).failures();
                int reads = others(array, slot);
                array.read(slot, at, 4096);
                assertEquals(solved, array.faults.get(slot).failures(), "the second read failed too");
                assertEquals(reads, others(array, slot), "the second read used the others");
            }
            assertEquals(ROWS * CHUNK_BYTES / 4096, array.member(slot).correctedErrors());
            assertEquals(0, array.disks.get(slot).pendingCount(), "not flushed");
        }
        assertEquals(List.of(), array.failed);
        array.assertContentUntouched();
    }

    private static int others(Array array, int slot) {
        int reads = 0;
        for (int other = 0; other < DISKS; other++) {
            reads += other == slot ? 0 : array.faults.get(other).calls(Verb.READ);
        }
        return reads;
    }

    /** The second error is found while the first is solved: the other parity solves both, and both are written back. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = ".*(_6|PLUS_Q|DDF.*)", mode = EnumSource.Mode.MATCH_ANY)
    void twoBadBlocksOfAStripeAreBothHealed(ParityLayout layout) throws IOException {
        for (int first = 0; first < DISKS; first++) {
            for (int second = 0; second < DISKS; second++) {
                if (first == second) {
                    continue;
                }
                Array array = new Array(layout);
                for (int row = 0; row < ROWS; row++) {
                    int at = row * CHUNK_BYTES + 8192;
                    array.scramble(first, at, 4096);
                    array.scramble(second, at, 4096);
                    array.bad(first, at, 4096);
                    array.bad(second, at + 1024, 512);
                    array.read(first, at, 4096);
                }
                assertEquals(ROWS, array.member(first).correctedErrors());
                assertEquals(ROWS, array.member(second).correctedErrors());
                array.assertContentUntouched();
            }
        }
    }

    /** With a member missing one parity remains, and it heals blocks that another member can't read. */
    @Test
    void aDegradedArrayHealsToo() throws IOException {
        for (int missing = 0; missing < DISKS; missing++) {
            for (int bad = 0; bad < DISKS; bad++) {
                if (bad == missing) {
                    continue;
                }
                Array array = new Array(ParityLayout.LEFT_SYMMETRIC_6);
                array.members.set(missing, null);
                for (int row = 0; row < ROWS; row++) {
                    array.bad(bad, (long) row * CHUNK_BYTES + 4096, 512);
                    array.read(row % 2 == 0 ? missing : bad, (long) row * CHUNK_BYTES, CHUNK_BYTES);
                }
                long healed = array.member(bad).correctedErrors();
                // A missing data block that P solves needs no Q, so a bad Q is not met.
                assertTrue(healed >= ROWS / 2, "healed " + healed);
                array.assertContentUntouched();
            }
        }
    }

    /** RAID-5: two members are unreadable in the same stripe. Only those blocks are lost, and reads of them fail. */
    @ParameterizedTest
    @EnumSource(value = ParityLayout.class, names = "RAID4|.*_5", mode = EnumSource.Mode.MATCH_ANY)
    void beyondRedundancyExactlyThoseBlocksAreErrors(ParityLayout layout) throws IOException {
        Array array = new Array(layout);
        for (int first = 0; first < DISKS; first++) {
            for (int second = first + 1; second < DISKS; second++) {
                Array fresh = new Array(layout);
                fresh.bad(first, 12_288, 4096);
                fresh.bad(second, 12_288 + 3072, 512);
                for (int slot : new int[] {first, second}) {
                    assertThrows(IOException.class, () -> fresh.read(slot, 12_288 + 3072, 512));
                    assertThrows(IOException.class, () -> fresh.read(slot, 0, CHUNK_BYTES));
                    fresh.read(slot, 0, 12_288);
                    fresh.read(slot, 16_384, CHUNK_BYTES - 16_384);
                }
                assertEquals(0, fresh.faults.get(first).calls(Verb.WRITE));
                assertEquals(0, fresh.faults.get(second).calls(Verb.WRITE));
            }
        }
        array.assertContentUntouched();
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aMemberThatRefusesTheBlockFails(ParityLayout layout) throws IOException {
        for (Verb verb : List.of(Verb.WRITE, Verb.FLUSH)) {
            for (int slot = 0; slot < DISKS; slot++) {
                Array array = new Array(layout);
                array.bad(slot, 4096, 512);
                array.faults.get(slot).failNth(verb, 1);
                array.read(slot, 0, CHUNK_BYTES);
                assertEquals(List.of(slot), array.failed, verb + " of slot " + slot);
                assertEquals(0, array.member(slot).correctedErrors());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aBadBlockLogSparesTheMember(ParityLayout layout) throws IOException {
        for (int slot = 0; slot < DISKS; slot++) {
            Array array = new Array(layout);
            BadBlocks badBlocks = array.giveLog(slot, 8);
            array.scramble(slot, 4096, 4096);
            array.bad(slot, 4096, 512);
            array.faults.get(slot).failNth(Verb.WRITE, 1);
            array.read(slot, 0, CHUNK_BYTES);
            assertEquals(List.of(new BadRange((DATA_OFFSET + 4096) / 512, 8)), badBlocks.ranges());
            assertEquals(1, array.recorded);
            assertEquals(List.of(), array.failed);
            int writes = array.faults.get(slot).calls(Verb.WRITE);
            array.read(slot, 0, CHUNK_BYTES);
            array.read(slot, 4096 + 512, 512);
            assertEquals(writes, array.faults.get(slot).calls(Verb.WRITE), "a block that refuses was tried again");
            array.member(slot).write(4096, array.content.get(slot).asSlice(4096, 4096));
            assertEquals(List.of(), badBlocks.ranges());
            assertEquals(0, array.disks.get(slot).pendingCount(), "not flushed");
            array.assertContentUntouched();
        }
    }

    /** A block that was listed earlier is solved, written back, read back, and removed from the list. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aListedBlockIsHealedIfTheMemberAcceptsIt(ParityLayout layout) throws IOException {
        for (int slot = 0; slot < DISKS; slot++) {
            Array array = new Array(layout);
            BadBlocks badBlocks = array.giveLog(slot, 8);
            for (int row = 0; row < ROWS; row++) {
                long at = (long) row * CHUNK_BYTES + 8192;
                array.scramble(slot, at, 4096);
                badBlocks.add((DATA_OFFSET + at) / 512 + row, 1);
                array.read(slot, at - 8192, CHUNK_BYTES);
            }
            assertEquals(List.of(), badBlocks.ranges());
            assertEquals(ROWS, array.member(slot).correctedErrors());
            array.assertContentUntouched();
        }
    }

    @Test
    void aFullLogOrAFailedFlushFailsTheMember() throws IOException {
        Array array = new Array(ParityLayout.LEFT_SYMMETRIC_5);
        BadBlocks badBlocks = array.giveLog(2, 1);
        badBlocks.add(0, 8);
        array.bad(2, 4096, 512);
        array.faults.get(2).failNth(Verb.WRITE, 1);
        array.read(2, 0, CHUNK_BYTES);
        assertEquals(List.of(2), array.failed);
        Array other = new Array(ParityLayout.LEFT_SYMMETRIC_5);
        other.giveLog(2, 8);
        other.bad(2, 4096, 512);
        other.faults.get(2).failNth(Verb.FLUSH, 1);
        other.read(2, 0, CHUNK_BYTES);
        assertEquals(List.of(2), other.failed);
    }

    /** A partial write of a listed block removes only the written sectors from the list. */
    @Test
    void aPartialWriteUnlistsTheSectorsItCovers() throws IOException {
        Array array = new Array(ParityLayout.LEFT_SYMMETRIC_5);
        BadBlocks badBlocks = array.giveLog(2, 8);
        badBlocks.add(DATA_OFFSET / 512 + 8, 8);
        array.member(2).write(4096 + 512, array.content.get(2).asSlice(4096 + 512, 1024));
        assertEquals(
                List.of(new BadRange(DATA_OFFSET / 512 + 8, 1), new BadRange(DATA_OFFSET / 512 + 11, 5)),
                badBlocks.ranges());
        array.member(2).write(4096 + 1536 + 100, array.content.get(2).asSlice(4096 + 1536 + 100, 600));
        assertEquals(
                List.of(new BadRange(DATA_OFFSET / 512 + 8, 1), new BadRange(DATA_OFFSET / 512 + 11, 5)),
                badBlocks.ranges());
        array.read(2, 0, CHUNK_BYTES);
    }

    /**
     * Another block of the stripe is silently wrong: RAID-6 finds that P and Q give different content, and writes
     * nothing back.
     */
    @Test
    void nothingIsWrittenBackIfTheParitiesDisagree() throws IOException {
        for (int wrong = 0; wrong < DISKS; wrong++) {
            for (int bad = 0; bad < DISKS; bad++) {
                if (wrong == bad) {
                    continue;
                }
                Array array = new Array(ParityLayout.LEFT_SYMMETRIC_6);
                array.scramble(wrong, 4096, 4096);
                array.bad(bad, 4096, 512);
                // Whether the bytes are correct depends on which block is wrong; that they are not written back does
                // not.
                array.readUnchecked(bad, 4096, 512);
                assertEquals(0, array.faults.get(bad).calls(Verb.WRITE), "wrong " + wrong + ", bad " + bad);
            }
        }
    }
}
