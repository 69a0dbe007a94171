package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/**
 * A scratch in a sparse file as long as the volume. Its format: block n of the volume is stored at block n of the file.
 * Which blocks are stored is known only in memory, with one bit for each block, so another mount can't use the file.
 * Therefore its name is removed as soon as the file is open: its space is freed when the process ends, in any way, and
 * no file remains that could be mistaken for valuable data.
 *
 * <p>The file is readable only for its owner, since it contains data of the volume.
 */
final class FileScratch implements Scratch {
    private final Path path;
    private final FileChannel channel;
    private final long sizeBytes;
    private final BlockSet stored = new BlockSet();

    private FileScratch(Path path, FileChannel channel, long sizeBytes) {
        this.path = path;
        this.channel = channel;
        this.sizeBytes = sizeBytes;
    }

    /**
     * Makes the file and opens it.
     *
     * @throws IOException if a file with that name exists, or the file can't be made; the message says which
     */
    static FileScratch create(Path path, long sizeBytes) throws IOException {
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    path + " exists; --overlay makes a new file for each mount, so give a name that is free", e);
        } catch (NoSuchFileException e) {
            throw new IOException(path + ": its directory does not exist", e);
        } catch (IOException e) {
            throw new IOException(path + " can't be made: " + e.getMessage(), e);
        }
        try {
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
            try {
                file.setLength(sizeBytes);
                return new FileScratch(path, file.getChannel(), sizeBytes);
            } catch (IOException e) {
                file.close();
                throw new IOException(path + " can't be made " + sizeBytes + " bytes long: " + e.getMessage(), e);
            }
        } finally {
            Files.delete(path);
        }
    }

    @Override
    public String location() {
        return path.toString();
    }

    @Override
    public long usedBytes() {
        return stored.count() * Sectors.BLOCK_BYTES;
    }

    @Override
    public long limitBytes() {
        return sizeBytes;
    }

    @Override
    public boolean contains(long block) {
        return stored.get(block);
    }

    @Override
    public void read(long block, long offsetInBlock, MemorySegment target) throws IOException {
        ByteBuffer buffer = target.asByteBuffer();
        long position = block * Sectors.BLOCK_BYTES + offsetInBlock;
        while (buffer.hasRemaining()) {
            int length = channel.read(buffer, position);
            if (length < 0) {
                throw new EOFException("the overlay's file " + path + " is shorter than it was made");
            }
            position += length;
        }
    }

    @Override
    public void write(long block, long offsetInBlock, MemorySegment source) throws IOException {
        ByteBuffer buffer = source.asByteBuffer();
        long position = block * Sectors.BLOCK_BYTES + offsetInBlock;
        try {
            while (buffer.hasRemaining()) {
                position += channel.write(buffer, position);
            }
        } catch (IOException e) {
            if (isFull(e)) {
                throw new OverlayFullException("the file system of the overlay's file " + path + " is full", e);
            }
            throw e;
        }
        stored.set(block);
    }

    /** Java has no exception class for a full file system, only the system's message, which is not translated here. */
    private static boolean isFull(IOException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left") || words.contains("quota exceeded");
    }

    @Override
    public void drop(long from, long to) {
        stored.clear(from, to);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
