package io.mdfuse.raid.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A resync that finds all parity wrong collects it over several chunk rows, and its position follows the writes. */
class ResyncBatchTest {
    private static final int ROWS = 64;
    private static final int CHUNK_SECTORS = 8;
    private static final int MEMBER_SECTORS = ROWS * CHUNK_SECTORS;

    private final ArrayGeometry geometry =
            new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, CHUNK_SECTORS, MEMBER_SECTORS);
    private final SyncPosition position = new SyncPosition(ResyncOffset.dirty());
    private final StripeLocks locks = new StripeLocks();
    private final List<CrashDisk> disks = new ArrayList<>();
    private final List<Long> written = new ArrayList<>();
    private final List<Long> ahead = new ArrayList<>();
    private int refusals;
    private MemberSet members = new MemberSet(List.of(), 0, _ -> {}, Runnable::run);

    /** Records the order of the writes, and writes that the position has passed; refuses some for want of space. */
    private final class Watched extends ForwardingDevice {
        Watched(BlockDevice device) {
            super(device);
        }

        @Override
        public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
            if (refusals > 0 && offsetBytes / 512 >= MEMBER_SECTORS / 2) {
                refusals--;
                throw new NoSpaceException(name(), "reserve", offsetBytes, lengthBytes, "full");
            }
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) throws DeviceException {
            written.add(offsetBytes / 512);
            if (position.reached().stripeSector() > offsetBytes / 512) {
                ahead.add(offsetBytes / 512);
            }
            device.write(offsetBytes, source);
        }
    }

    @BeforeEach
    void makeDisks() throws DeviceException {
        Random random = new Random(3);
        List<Member> made = new ArrayList<>();
        for (int slot = 0; slot < 3; slot++) {
            byte[] bytes = new byte[MEMBER_SECTORS * 512];
            random.nextBytes(bytes);
            CrashDisk disk = new CrashDisk("disk" + slot, bytes.length);
            disk.write(0, Arena.ofAuto().allocate(bytes.length, 4096).copyFrom(MemorySegment.ofArray(bytes)));
            disks.add(disk);
            made.add(new Member(slot, new Watched(disk), 0));
        }
        members = new MemberSet(made, 1, _ -> {}, Runnable::run);
    }

    private void resync() {
        SyncPace pace = new SyncPace(() -> 0, System::nanoTime, _ -> {});
        PassParts parts = new PassParts(geometry, members, locks, pace, new ArrayEvents());
        Resync resync = new Resync(parts, position, () -> {}, Runnable::run);
        resync.run();
        assertEquals(PassState.DONE, resync.state(), resync.trouble());
    }

    private void assertParityIsRight() throws DeviceException {
        byte[] sum = new byte[MEMBER_SECTORS * 512];
        for (CrashDisk disk : disks) {
            MemorySegment read = Arena.ofAuto().allocate(sum.length, 4096);
            disk.read(0, read);
            byte[] bytes = read.toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= bytes[i];
            }
        }
        assertEquals(-1, MemorySegment.ofArray(sum).mismatch(MemorySegment.ofArray(new byte[sum.length])));
    }

    @Test
    void wrongParityIsWrittenMemberByMemberBeforeThePositionPassesIt() throws DeviceException {
        resync();
        assertParityIsRight();
        assertEquals(ROWS, written.size());
        assertEquals(List.of(), ahead, "the position had passed these writes");
        // Four rows are a batch: the parity of its rows 0 and 3 is on the same member.
        assertEquals(List.of(16L, 8L, 0L, 24L), written.subList(0, 4));
    }

    @Test
    void aBatchThatFindsNoSpaceIsFoundWrongAgain() throws DeviceException {
        refusals = 3;
        resync();
        assertParityIsRight();
        assertEquals(List.of(), ahead, "the position had passed these writes");
        assertEquals(0, refusals);
    }

    @Test
    void parityIsWrittenOnlyUnderTheLeaseThatItWasMadeUnder() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            ParityWrites writes = new ParityWrites(arena, members, 8192, Runnable::run);
            try (StripeLocks.Lease lease = locks.lock(StripeRange.ofStripe(0))) {
                writes.add(lease, 0, 0, arena.allocate(4096, 4096));
            }
            try (StripeLocks.Lease later = locks.lock(StripeRange.ofStripe(8))) {
                assertThrows(IllegalStateException.class, () -> writes.write(later));
            }
            assertTrue(written.isEmpty());
        }
    }
}
