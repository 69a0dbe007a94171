package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A closed array with random data, whose members a test can change without the array. */
final class ScrubbedArray {
    private final ArrayShape shape;
    private final CrashTrace trace;
    private final List<CrashDisk> disks;
    private final List<FaultPlan> faults = new ArrayList<>();
    private final byte[] content;
    private final List<byte[]> members = new ArrayList<>();

    ScrubbedArray(ArrayShape shape, CrashTrace trace) throws IOException {
        this.shape = shape;
        this.trace = trace;
        List<CrashDisk> fresh = shape.create(CrashTrace.notRecording());
        content = new byte[(int) shape.geometry().arrayBytes()];
        new Random(5).nextBytes(content);
        try (RaidArray array = shape.open(fresh);
                Arena arena = Arena.ofConfined()) {
            array.write(0, arena.allocate(content.length).copyFrom(MemorySegment.ofArray(content)));
        }
        disks = CrashDisk.onTrace(fresh, trace);
        disks.forEach(disk -> faults.add(new FaultPlan(3)));
        for (int slot = 0; slot < shape.disks(); slot++) {
            members.add(member(slot));
        }
    }

    ArrayShape shape() {
        return shape;
    }

    List<CrashDisk> disks() {
        return disks;
    }

    FaultPlan faults(int slot) {
        return faults.get(slot);
    }

    byte[] content() {
        return content;
    }

    /** The content of a member before any corruption. */
    byte[] soundMember(int slot) {
        return members.get(slot);
    }

    /** The present content of a member. */
    byte[] member(int slot) throws IOException {
        return member(disks.get(slot), shape);
    }

    static byte[] member(CrashDisk disk, ArrayShape shape) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return ArrayShape.data(disk, Sectors.toBytes(shape.geometry().memberSectors()), arena)
                    .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
    }

    /** Corrupts bytes of a member: each of them gets another value. */
    void corrupt(int slot, long memberOffsetBytes, int lengthBytes) throws IOException {
        byte[] bytes = member(slot);
        byte[] changed = new byte[lengthBytes];
        Random random = new Random(memberOffsetBytes + slot);
        for (int i = 0; i < lengthBytes; i++) {
            changed[i] = (byte) (bytes[(int) memberOffsetBytes + i] ^ (1 + random.nextInt(255)));
        }
        CrashDisk disk = disks.get(slot);
        disk.write(dataOffset() + memberOffsetBytes, MemorySegment.ofArray(changed));
        disk.flush();
        trace.restart();
    }

    static long dataOffset() {
        return Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS);
    }

    RaidArray open() throws IOException {
        List<BlockDevice> devices = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            devices.add(new FaultyDevice(disks.get(i), faults.get(i)));
        }
        return shape.open(devices);
    }

    /** The writes to the members' data so far, as {@code slot: offset+length}, sorted. */
    List<String> dataWrites() {
        return trace.events().stream()
                .filter(event -> event instanceof DiskEvent.Write)
                .map(event -> (DiskEvent.Write) event)
                .filter(write -> write.disk() < shape.disks() && write.offsetBytes() >= dataOffset())
                .map(write -> write.disk() + ": " + (write.offsetBytes() - dataOffset()) + "+" + write.lengthBytes())
                .sorted()
                .toList();
    }

    List<DiskEvent> events() {
        return trace.events();
    }

    static boolean isWrite(DiskEvent event) {
        return event instanceof DiskEvent.Change;
    }

    /** Opens the array again, on copies of its disks. */
    RaidArray reopened() throws IOException {
        return shape.open(Rebuilds.reopened(disks));
    }

    static void assertReads(RaidArray array, byte[] content) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(content.length);
            array.read(0, found);
            assertEquals(-1, found.mismatch(MemorySegment.ofArray(content)));
        }
    }
}
