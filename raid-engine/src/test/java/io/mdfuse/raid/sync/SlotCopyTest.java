package io.mdfuse.raid.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A slot is copied in windows, each written while the next is read; and the position follows the writes. */
class SlotCopyTest {
    private static final long WINDOW_SECTORS = SlotCopy.WINDOW_BYTES / 512;
    private static final long MEMBER_SECTORS = 4 * WINDOW_SECTORS;

    /** Longer than any thread of a test has to wait for another. */
    private static final long PATIENCE_SECONDS = 20;

    private final List<Long> reached = Collections.synchronizedList(new ArrayList<>());
    private final byte[][] contents = contents();

    /** Any two of them sum up to the third: a RAID-5 whose parity is right, whatever its layout. */
    private static byte[][] contents() {
        byte[][] bytes = new byte[3][(int) MEMBER_SECTORS * 512];
        Random random = new Random(7);
        random.nextBytes(bytes[0]);
        random.nextBytes(bytes[2]);
        for (int i = 0; i < bytes[1].length; i++) {
            bytes[1][i] = (byte) (bytes[0][i] ^ bytes[2][i]);
        }
        return bytes;
    }

    private static MemorySegment segment(byte[] bytes) {
        return Arena.ofAuto().allocate(bytes.length, 4096).copyFrom(MemorySegment.ofArray(bytes));
    }

    private BlockDevice source(int slot) throws DeviceException {
        BlockDevice disk = new CrashDisk("disk" + slot, MEMBER_SECTORS * 512);
        disk.write(0, segment(contents[slot]));
        return disk;
    }

    private void copy(BlockDevice source, BlockDevice target, Executor executor) throws IOException {
        ArrayGeometry geometry = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, 128, MEMBER_SECTORS);
        Member rebuilt = Member.of(1, 1, target, 0, BadBlocks.withoutLog(), RecoveryPosition.none());
        MemberSet members = new MemberSet(
                List.of(new Member(0, source, 0), rebuilt, new Member(2, source(2), 0)), 1, _ -> {}, Runnable::run);
        StripeReader reader = new StripeReader(geometry, members, new SyncPosition(ResyncOffset.inSync()), 1);
        StripeLocks locks = new StripeLocks();
        PassParts parts = new PassParts(geometry, members, locks, new SyncPace(() -> 0), new ArrayEvents());
        StripeRange all = new StripeRange(0, MEMBER_SECTORS);
        try (SlotCopy copy = new SlotCopy(parts, reader, rebuilt, executor);
                StripeLocks.Lease lease = locks.lock(all)) {
            copy.copy(lease, all, reached::add);
        } finally {
            reader.close();
        }
    }

    private static byte[] content(BlockDevice device) throws DeviceException {
        MemorySegment read = Arena.ofAuto().allocate(device.sizeBytes(), 4096);
        device.read(0, read);
        return read.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void windowsAreReadWhileOneIsWritten() throws IOException {
        CountDownLatch thirdIsRead = new CountDownLatch(1);
        List<Long> writes = Collections.synchronizedList(new ArrayList<>());
        List<Long> reachedBefore = Collections.synchronizedList(new ArrayList<>());
        boolean[] overlapped = new boolean[1];
        BlockDevice source = new ForwardingDevice(source(0)) {
            @Override
            public void read(long offsetBytes, MemorySegment target) throws DeviceException {
                if (offsetBytes == 2L * SlotCopy.WINDOW_BYTES) {
                    thirdIsRead.countDown();
                }
                device.read(offsetBytes, target);
            }
        };
        CrashDisk disk = new CrashDisk("target", MEMBER_SECTORS * 512);
        BlockDevice target = new ForwardingDevice(disk) {
            @Override
            public void write(long offsetBytes, MemorySegment content) throws DeviceException {
                if (offsetBytes == 0) {
                    overlapped[0] = await(thirdIsRead);
                    reachedBefore.addAll(reached);
                }
                writes.add(offsetBytes / SlotCopy.WINDOW_BYTES);
                device.write(offsetBytes, content);
            }
        };
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            copy(source, target, executor);
        }
        assertTrue(overlapped[0], "the third window was not read while the first was written");
        assertEquals(List.of(), reachedBefore, "what was passed before the first window was written");
        assertEquals(List.of(0L, 1L, 2L, 3L), writes, "the order of the writes");
        assertEquals(
                List.of(WINDOW_SECTORS, 2 * WINDOW_SECTORS, 3 * WINDOW_SECTORS, MEMBER_SECTORS), reached, "all in all");
        assertArrayEquals(contents[1], content(disk));
    }

    @Test
    void afterAWriteThatFailsNoneIsMade() throws IOException {
        List<Long> writes = Collections.synchronizedList(new ArrayList<>());
        BlockDevice target = new ForwardingDevice(new CrashDisk("target", MEMBER_SECTORS * 512)) {
            @Override
            public void write(long offsetBytes, MemorySegment content) throws DeviceException {
                writes.add(offsetBytes / SlotCopy.WINDOW_BYTES);
                if (offsetBytes == SlotCopy.WINDOW_BYTES) {
                    throw new DeviceException(name(), "write", offsetBytes, content.byteSize(), "broken");
                }
                device.write(offsetBytes, content);
            }
        };
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            copy(source(0), target, executor);
        }
        assertEquals(List.of(0L, 1L), writes);
        assertEquals(List.of(WINDOW_SECTORS), reached);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thePositionStaysBelowAWriteThatFails() throws IOException {
        FaultPlan plan = new FaultPlan(1).failNth(Verb.WRITE, 2);
        copy(source(0), new FaultyDevice(new CrashDisk("target", MEMBER_SECTORS * 512), plan), Runnable::run);
        assertEquals(List.of(WINDOW_SECTORS), reached);
        assertEquals(1, plan.failures());
    }

    @Test
    void thePositionStaysBelowAWriteThatTheHostHasNoSpaceFor() {
        BlockDevice target = new ForwardingDevice(new CrashDisk("target", MEMBER_SECTORS * 512)) {
            @Override
            public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
                if (offsetBytes == 2L * SlotCopy.WINDOW_BYTES) {
                    throw new NoSpaceException(name(), "reserve", offsetBytes, lengthBytes, "full");
                }
            }
        };
        assertThrows(NoSpaceException.class, () -> copy(source(0), target, Runnable::run));
        assertEquals(List.of(WINDOW_SECTORS, 2 * WINDOW_SECTORS), reached);
    }

    @Test
    void aWindowThatCanNotBeReadAtOnceIsCopiedRowByRow() throws IOException {
        FaultPlan plan = new FaultPlan(1).failNth(Verb.READ, 2);
        CrashDisk target = new CrashDisk("target", MEMBER_SECTORS * 512);
        copy(new FaultyDevice(source(0), plan), target, Runnable::run);
        assertTrue(reached.contains(WINDOW_SECTORS + 128), "not by rows: " + reached);
        assertArrayEquals(contents[1], content(target));
    }
}
