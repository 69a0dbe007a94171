package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If transfers wait for disks or servers, one request has those of all members made at the same time. */
class SideBySideTest {
    private static final int CHUNK = 16 << 10;

    /** Longer than any thread of a test has to wait for another. */
    private static final long PATIENCE_SECONDS = 20;

    /** How many transfers of data areas are to meet; 0 to let each pass. */
    private final AtomicInteger toMeet = new AtomicInteger();

    private Phaser meeting = new Phaser();
    private String broken = "";
    private final List<BlockDevice> devices = new ArrayList<>();
    private final RaidArray array;

    private final class Remote extends ForwardingDevice {
        Remote(BlockDevice device) {
            super(device);
        }

        @Override
        public boolean waitsForTransfers() {
            return true;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws DeviceException {
            pass(offsetBytes, target, "read");
            device.read(offsetBytes, target);
        }

        @Override
        public void write(long offsetBytes, MemorySegment source) throws DeviceException {
            pass(offsetBytes, source, "write");
            device.write(offsetBytes, source);
        }

        private void pass(long offsetBytes, MemorySegment memory, String verb) throws DeviceException {
            if (toMeet.get() == 0 || offsetBytes < ArrayShape.DATA_OFFSET_SECTORS * 512) {
                return;
            }
            try {
                meeting.awaitAdvanceInterruptibly(meeting.arrive(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError("the other transfers did not come", e);
            }
            if (name().equals(broken)) {
                // What follows a failed transfer is made one by one.
                toMeet.set(0);
                throw new DeviceException(name(), verb, offsetBytes, memory.byteSize(), "broken");
            }
        }
    }

    SideBySideTest() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 32, 8, 0, Superblock.IN_SYNC, false);
        for (CrashDisk disk : shape.create(CrashTrace.notRecording())) {
            devices.add(new Remote(disk));
        }
        ArrayRuntime runtime = new ArrayRuntime(
                new ManualTimer(), new ManualTimer(), Executors.newCachedThreadPool(), new Random(1), 2);
        array = ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), runtime);
    }

    @AfterEach
    void close() throws IOException {
        toMeet.set(0);
        array.close();
    }

    private void meet(int transfers) {
        meeting = new Phaser(transfers);
        toMeet.set(transfers);
    }

    private static MemorySegment random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return Arena.ofAuto().allocate(length, 4096).copyFrom(MemorySegment.ofArray(bytes));
    }

    private byte[] content(int offset, int length) throws IOException {
        MemorySegment target = Arena.ofAuto().allocate(length, 4096);
        array.read(offset, target);
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private void assertHolds(int offset, MemorySegment written) throws IOException {
        toMeet.set(0);
        assertArrayEquals(written.toArray(ValueLayout.JAVA_BYTE), content(offset, (int) written.byteSize()));
        array.setAttribute("sync_action", "check");
        assertEquals("0", array.attributes().get("mismatch_cnt"));
    }

    @Test
    void aFullStripeIsWrittenToAllMembers() throws IOException {
        MemorySegment data = random(3 * CHUNK);
        meet(4);
        array.write(0, data);
        assertHolds(0, data);
    }

    /** The reads of old data and parity meet each other, and then the writes of both. */
    @Test
    void ofOneBlockTheOldBlocksAreReadTogetherAndTheNewOnesWrittenTogether() throws IOException {
        MemorySegment block = random(4096);
        meet(2);
        array.write(0, block);
        assertHolds(0, block);
    }

    @Test
    void aReadOfSeveralChunksReadsAllTheirMembers() throws IOException {
        MemorySegment data = random(3 * CHUNK);
        array.write(0, data);
        meet(3);
        assertArrayEquals(data.toArray(ValueLayout.JAVA_BYTE), content(0, 3 * CHUNK));
    }

    @Test
    void aMemberThatFailsItsWriteIsLeftOut() throws IOException {
        MemorySegment data = random(3 * CHUNK);
        broken = "disk1";
        meet(4);
        array.write(0, data);
        toMeet.set(0);
        assertEquals("1", array.attributes().get("degraded"));
        assertArrayEquals(data.toArray(ValueLayout.JAVA_BYTE), content(0, 3 * CHUNK));
    }

    /** Also if the memory of the caller is for one thread only: the transfers are made one after the other then. */
    @ParameterizedTest
    @ValueSource(ints = {4096, 2 * CHUNK, 3 * CHUNK})
    void memoryOfOneThreadIsServedByThatThread(int length) throws IOException {
        MemorySegment data = random(length);
        try (Arena arena = Arena.ofConfined()) {
            array.write(4096, arena.allocate(length, 4096).copyFrom(data));
            MemorySegment target = arena.allocate(length, 4096);
            array.read(4096, target);
            assertEquals(-1, target.mismatch(data));
        }
        assertHolds(4096, data);
    }

    @Test
    void aBlockThatAMemberCanNotReadIsSolved() throws IOException {
        MemorySegment data = random(3 * CHUNK);
        array.write(0, data);
        broken = "disk0";
        meet(3);
        assertArrayEquals(data.toArray(ValueLayout.JAVA_BYTE), content(0, 3 * CHUNK));
    }
}
