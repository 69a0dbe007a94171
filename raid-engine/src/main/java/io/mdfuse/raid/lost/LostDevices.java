package io.mdfuse.raid.lost;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * The devices of an array whose superblocks are lost, for reading. A block that can't be read counts as zeros: it gives
 * no clue. One thread uses it.
 */
final class LostDevices implements AutoCloseable {
    private static final int PIECE = 1 << 20;

    private final List<? extends BlockDevice> devices;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment piece = arena.allocate(PIECE, 4096);
    private final MemorySegment zeros = arena.allocate(BlockBytes.BLOCK, 4096);

    LostDevices(List<? extends BlockDevice> devices) {
        this.devices = List.copyOf(devices);
    }

    int count() {
        return devices.size();
    }

    String name(int device) {
        return devices.get(device).name();
    }

    /** The size of the shortest device. */
    long shortestBytes() {
        return devices.stream().mapToLong(BlockDevice::sizeBytes).min().orElse(0);
    }

    /** Takes each block that is not all zeros. */
    @FunctionalInterface
    interface BlockVisitor {
        void visit(int device, long deviceBytes, MemorySegment block);
    }

    /**
     * Visits the blocks of all devices.
     *
     * @param limitBytes how much of each device
     * @param progress gets how much is done, from 0 to 1
     */
    void visit(long limitBytes, BlockVisitor visitor, DoubleConsumer progress) {
        double totalBytes = devices.stream()
                .mapToLong(each -> Math.min(limitBytes, each.sizeBytes()))
                .sum();
        double doneBytes = 0;
        for (int device = 0; device < devices.size(); device++) {
            long endBytes = Math.min(limitBytes, devices.get(device).sizeBytes());
            for (long at = 0; at + BlockBytes.BLOCK <= endBytes; at += PIECE) {
                long length = Math.min(PIECE, endBytes - at) & -BlockBytes.BLOCK;
                MemorySegment read = piece.asSlice(0, length);
                if (read(device, at, read)) {
                    visitPiece(device, at, read, visitor);
                }
                doneBytes += length;
                progress.accept(doneBytes / totalBytes);
            }
        }
    }

    private void visitPiece(int device, long at, MemorySegment read, BlockVisitor visitor) {
        for (long block = 0; block < read.byteSize(); block += BlockBytes.BLOCK) {
            MemorySegment one = read.asSlice(block, BlockBytes.BLOCK);
            if (!isZero(one)) {
                visitor.visit(device, at + block, one);
            }
        }
    }

    boolean isZero(MemorySegment block) {
        return block.mismatch(zeros) < 0;
    }

    /** False if the range can't be read. */
    boolean read(int device, long deviceBytes, MemorySegment target) {
        try {
            devices.get(device).read(deviceBytes, target);
            return true;
        } catch (DeviceException unreadable) {
            return false;
        }
    }

    /**
     * Reads from the volume that an arrangement gives, within one block; what its device can't give is the sum of all
     * others but Q. False if that is not possible either.
     *
     * @param fileSystemBytes the place in the file system
     */
    boolean readVolume(Arrangement arrangement, long fileSystemBytes, MemorySegment target) {
        LostShape shape = arrangement.shape();
        long volume = arrangement.baseBytes() + fileSystemBytes;
        long at = arrangement.dataOffsetBytes() + shape.memberBytes(volume);
        int wanted = shape.slotOf(volume);
        int device = arrangement.deviceOfSlot().get(wanted);
        if (device >= 0) {
            return read(device, at, target);
        }
        target.fill((byte) 0);
        MemorySegment other = piece.asSlice(0, target.byteSize());
        for (int slot = 0; slot < shape.raidDisks(); slot++) {
            if (slot == wanted || slot == shape.slotOfQ(volume)) {
                continue;
            }
            int from = arrangement.deviceOfSlot().get(slot);
            if (from < 0 || !read(from, at, other)) {
                return false;
            }
            XorParity.add(target, other);
        }
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }
}
