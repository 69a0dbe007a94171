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
 *
 * <p>Behind them there is one more, the <b>solved</b> device: the sum (XOR) of all. If one device of a RAID-4 or RAID-5
 * is missing, that is what the missing device holds, whichever it is and in whatever order the others are. If none is
 * missing, the sum is zeros. With RAID-6 it means nothing. It ends where the shortest device ends.
 */
final class LostDevices implements AutoCloseable {
    private static final int PIECE = 1 << 20;

    private final List<? extends BlockDevice> devices;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment piece = arena.allocate(PIECE, 4096);
    private final MemorySegment sum = arena.allocate(PIECE, 4096);
    private final MemorySegment zeros = arena.allocate(BlockBytes.BLOCK, 4096);

    LostDevices(List<? extends BlockDevice> devices) {
        this.devices = List.copyOf(devices);
    }

    /** The devices that are there. */
    int count() {
        return devices.size();
    }

    /** The number of the solved device. */
    int solved() {
        return devices.size();
    }

    String name(int device) {
        return device == solved()
                ? LostArrayCandidate.MISSING
                : devices.get(device).name();
    }

    private long longestBytes() {
        return devices.stream().mapToLong(BlockDevice::sizeBytes).max().orElse(0);
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
     * Visits the blocks of all devices, the solved one too. Each device is read once.
     *
     * @param limitBytes how much of each device
     * @param progress gets how much is done, from 0 to 1
     */
    void visit(long limitBytes, BlockVisitor visitor, DoubleConsumer progress) {
        long endBytes = Math.min(limitBytes, longestBytes());
        for (long at = 0; at < endBytes; at += PIECE) {
            visitAll(at, endBytes, visitor);
            progress.accept(Math.min(1, (double) (at + PIECE) / endBytes));
        }
    }

    /** Visits a piece of every device, then the sum of these pieces if all could be read. */
    private void visitAll(long at, long endBytes, BlockVisitor visitor) {
        long common = lengthAt(at, Math.min(endBytes, shortestBytes()));
        boolean solvable = common > 0;
        sum.fill((byte) 0);
        for (int device = 0; device < devices.size(); device++) {
            long length = lengthAt(at, Math.min(endBytes, devices.get(device).sizeBytes()));
            MemorySegment read = piece.asSlice(0, length);
            if (length > 0 && read(device, at, read)) {
                visitPiece(device, at, read, visitor);
                if (solvable) {
                    XorParity.add(sum.asSlice(0, common), piece.asSlice(0, common));
                }
            } else {
                solvable = false;
            }
        }
        if (solvable) {
            visitPiece(solved(), at, sum.asSlice(0, common), visitor);
        }
    }

    /** How much of a piece there is before an end, in whole blocks. */
    private static long lengthAt(long at, long endBytes) {
        return Math.clamp(endBytes - at, 0, PIECE) & -BlockBytes.BLOCK;
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
        if (device == solved()) {
            return readSum(deviceBytes, target);
        }
        try {
            devices.get(device).read(deviceBytes, target);
            return true;
        } catch (DeviceException unreadable) {
            return false;
        }
    }

    private boolean readSum(long deviceBytes, MemorySegment target) {
        if (deviceBytes + target.byteSize() > shortestBytes()) {
            return false;
        }
        target.fill((byte) 0);
        MemorySegment one = sum.asSlice(0, target.byteSize());
        for (int device = 0; device < devices.size(); device++) {
            if (!read(device, deviceBytes, one)) {
                return false;
            }
            XorParity.add(target, one);
        }
        return true;
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
