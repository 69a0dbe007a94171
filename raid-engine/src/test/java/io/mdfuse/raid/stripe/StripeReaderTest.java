package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads of one chunk row with members missing, and with unreadable blocks. */
class StripeReaderTest {
    private static final int CHUNK_BYTES = 128 * 1024;

    private static final int DATA_OFFSET = 12_288;

    private static final int DISKS = 5;

    /** One chunk row on disks that can be made bad. */
    private static final class Row {
        private final List<MemorySegment> slots;
        private final List<FaultPlan> faults = new ArrayList<>();
        private final List<@Nullable Member> members = new ArrayList<>();
        private final ArrayGeometry geometry;

        Row(ParityLayout layout) throws IOException {
            geometry = new ArrayGeometry(layout, DISKS, CHUNK_BYTES / 512, CHUNK_BYTES / 512);
            slots = SoundStripe.make(geometry, 0, CHUNK_BYTES, new Random(8));
            for (int slot = 0; slot < DISKS; slot++) {
                CrashDisk disk = new CrashDisk("disk" + slot, DATA_OFFSET + CHUNK_BYTES);
                disk.write(DATA_OFFSET, slots.get(slot));
                faults.add(new FaultPlan(1));
                members.add(new Member(slot, new FaultyDevice(disk, faults.get(slot)), DATA_OFFSET));
            }
        }

        void bad(int slot, int offsetBytes, int lengthBytes) {
            faults.get(slot).badSectors(DATA_OFFSET + offsetBytes, lengthBytes);
        }

        void check(int slot, int offsetBytes, int lengthBytes, long syncPosition) throws IOException {
            MemorySegment target = MemorySegment.ofArray(new byte[lengthBytes]);
            MemberSet set = new MemberSet(members, geometry.layout().parityCount(), s -> {}, Runnable::run);
            StripeReader reader =
                    new StripeReader(geometry, set, new SyncPosition(ResyncOffset.ofStored(syncPosition)), 1);
            try (StripeLocks.Lease lease = new StripeLocks().lockAll()) {
                reader.read(lease, slot, offsetBytes, target);
            } finally {
                reader.close();
            }
            assertEquals(-1, target.mismatch(slots.get(slot).asSlice(offsetBytes, lengthBytes)), "slot " + slot);
        }

        void check(int slot, int offsetBytes, int lengthBytes) throws IOException {
            check(slot, offsetBytes, lengthBytes, Superblock.IN_SYNC);
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void missingMembersAreSolvedForAnyByteRange(ParityLayout layout) throws IOException {
        for (int first = 0; first < DISKS; first++) {
            for (int second = first; second < (layout.level() == 6 ? DISKS : first + 1); second++) {
                Row row = new Row(layout);
                row.members.set(first, null);
                if (layout.level() == 6) {
                    row.members.set(second, null);
                }
                for (int slot = 0; slot < DISKS; slot++) {
                    row.check(slot, 0, CHUNK_BYTES);
                    row.check(slot, 4095, 70_001);
                    row.check(slot, 511, 1);
                }
            }
        }
    }

    /** A slot whose read fails counts as lost for the duration of that read. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void slotsThatCannotBeReadAreSolved(ParityLayout layout) throws IOException {
        for (int first = 0; first < DISKS; first++) {
            for (int second = first; second < (layout.level() == 6 ? DISKS : first + 1); second++) {
                Row row = new Row(layout);
                row.bad(first, 8192, 512);
                if (layout.level() == 6) {
                    row.bad(second, 8192, 512);
                }
                for (int slot = 0; slot < DISKS; slot++) {
                    row.check(slot, 0, CHUNK_BYTES);
                    row.check(slot, 8000, 1000);
                }
            }
        }
    }

    /** Every member has unreadable blocks, but no stripe has too many. */
    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void membersWithDifferentUnreadableBlocksHaveAllBytesBetweenThem(ParityLayout layout) throws IOException {
        Row row = new Row(layout);
        for (int slot = 0; slot < DISKS; slot++) {
            row.bad(slot, slot * 4096 + 1024, 1024);
            row.bad(slot, 65_536 + slot * 4096, 4096);
        }
        for (int slot = 0; slot < DISKS; slot++) {
            row.check(slot, 0, CHUNK_BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void onlyLostBlocksAreErrors(ParityLayout layout) throws IOException {
        Row row = new Row(layout);
        for (int slot = 0; slot <= layout.parityCount(); slot++) {
            row.bad(slot, 16_384, 4096);
        }
        for (int slot = 0; slot <= layout.parityCount(); slot++) {
            int lost = slot;
            IOException e = assertThrows(IOException.class, () -> row.check(lost, 16_384, 100));
            assertTrue(String.valueOf(e.getMessage()).contains("is lost"), e::toString);
            assertThrows(IOException.class, () -> row.check(lost, 0, CHUNK_BYTES));
            row.check(slot, 0, 16_384);
            row.check(slot, 20_480, CHUNK_BYTES - 20_480);
        }
        row.check(DISKS - 1, 0, CHUNK_BYTES);
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void parityThatWasNeverSyncedSolvesNothing(ParityLayout layout) throws IOException {
        Row row = new Row(layout);
        row.members.set(1, null);
        row.check(1, 0, 8192, 16);
        assertThrows(IOException.class, () -> row.check(1, 8192, 512, 16));
        row.check(0, 0, CHUNK_BYTES, 16);
    }
}
