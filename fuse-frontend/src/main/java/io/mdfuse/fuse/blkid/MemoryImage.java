package io.mdfuse.fuse.blkid;

import io.mdfuse.fuse.HostCalls;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file in memory of a volume's size, with the volume's first and last bytes, where nearly all kinds of content have
 * their signatures; all between is a hole. What can't be read is a hole too. It is gone when it is closed.
 */
final class MemoryImage implements AutoCloseable {
    /** Most signatures are in the first 128 KiB; VMFS has one behind 2 MiB, the label of a small FAT is there too. */
    static final int START_BYTES = 4 << 20;

    static final int END_BYTES = 1 << 20;
    private static final int PIECE_BYTES = 64 << 10;

    private final int descriptor;

    private MemoryImage(int descriptor) {
        this.descriptor = descriptor;
    }

    static MemoryImage of(Volume volume) throws IOException {
        MemoryImage image = new MemoryImage(HostCalls.memoryFile("mdfuse-content", volume.sizeBytes()));
        try {
            image.fill(volume);
            return image;
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    private void fill(Volume volume) throws IOException {
        long sizeBytes = volume.sizeBytes();
        try (FileChannel file = FileChannel.open(Path.of("/proc/self/fd/" + descriptor), StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment piece = arena.allocate(PIECE_BYTES, 4096);
            long startBytes = Math.min(START_BYTES, sizeBytes);
            copy(volume, file, 0, startBytes, piece);
            copy(volume, file, Math.max(startBytes, sizeBytes - END_BYTES), sizeBytes, piece);
        }
    }

    private static void copy(Volume volume, FileChannel file, long from, long end, MemorySegment piece)
            throws IOException {
        for (long at = from; at < end; at += PIECE_BYTES) {
            MemorySegment part = piece.asSlice(0, Math.min(PIECE_BYTES, end - at));
            if (isRead(volume, at, part)) {
                file.write(part.asByteBuffer(), at);
            }
        }
    }

    private static boolean isRead(Volume volume, long offsetBytes, MemorySegment part) {
        try {
            volume.read(offsetBytes, part);
            return true;
        } catch (IOException unreadable) {
            return false;
        }
    }

    int descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        HostCalls.close(descriptor);
    }
}
