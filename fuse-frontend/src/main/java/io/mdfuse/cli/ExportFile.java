package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.spec.RescueMap;
import io.mdfuse.raid.spec.RescueMapText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A sparse file, and beside it a map (ddrescue's form) of what is in it.
 *
 * <pre>
 *   1 blocks are written, zeros left out         a crash leaves blocks that the map does not call read
 *   2 each ten seconds: the file is flushed      the same
 *   3 the map is replaced, flushed               what the map calls read is in the file
 * </pre>
 *
 * A later run goes on if the map names the same array with the same event count. What the map does not call read is
 * read again. Behind the last part that was read the file is cut off, so that nothing of the earlier run stays there;
 * before that, zeros are written and not left out. When everything was read, the map is removed, unless it is wanted.
 */
final class ExportFile implements ExportTarget {
    /** The first line of its map. */
    static final String MAP_TITLE = "Mapfile. Created by mdfuse export";

    private static final long SAVE_NANOS = 10_000_000_000L;
    private static final int BLOCK = 4096;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BLOCK).asReadOnlyBuffer();

    private final Path file;
    private final Path map;
    private final boolean keepsMap;
    private final String array;
    private final long sizeBytes;
    private final FileChannel channel;
    private final ByteRanges earlier;
    private final long sparseFromBytes;
    private ByteRanges done;
    private ByteRanges unreadable = ByteRanges.NONE;
    private long savedNanos = System.nanoTime();

    private ExportFile(Path file, MapFile map, String array, long sizeBytes, ByteRanges earlier, FileChannel channel)
            throws IOException {
        this.file = file;
        this.map = map.file();
        this.keepsMap = map.keep();
        this.array = array;
        this.sizeBytes = sizeBytes;
        this.channel = channel;
        this.earlier = earlier;
        this.done = earlier;
        this.sparseFromBytes = earlier.isEmpty() ? 0 : earlier.list().getLast().endBytes();
        channel.truncate(sparseFromBytes);
        if (sizeBytes > sparseFromBytes) {
            channel.write(ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
        }
    }

    /** @param keep whether the map stays when everything was read */
    record MapFile(Path file, boolean keep) {}

    /**
     * Makes the file, or goes on with it.
     *
     * @param array names the array and its state; one line
     * @throws IOException if the file exists and is not the unfinished export of this array; nothing was changed
     */
    static ExportFile open(Path file, MapFile wanted, String array, long sizeBytes) throws IOException {
        Path map = wanted.file();
        boolean exists = Files.exists(file);
        if (exists != Files.exists(map)) {
            Path one = exists ? file : map;
            throw new IOException(one + ": exists, and " + (exists ? map : file) + " does not, so this is not an export"
                    + " to go on with: give another name, or remove it");
        }
        ByteRanges earlier = exists ? earlier(file, map, array, sizeBytes) : ByteRanges.NONE;
        FileChannel channel = FileChannel.open(
                file,
                exists ? StandardOpenOption.WRITE : StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException(file + ": another process writes it");
            }
            ExportFile opened = new ExportFile(file, wanted, array, sizeBytes, earlier, channel);
            opened.save();
            return opened;
        } catch (IOException | OverlappingFileLockException e) {
            channel.close();
            throw e instanceof IOException failure ? failure : new IOException(file + ": is written already", e);
        }
    }

    private static ByteRanges earlier(Path file, Path map, String array, long sizeBytes) throws IOException {
        RescueMap found = RescueMap.read(map);
        boolean same;
        try (var lines = Files.lines(map)) {
            same = lines.anyMatch(("# " + array)::equals);
        }
        if (!same || found.sizeBytes() != sizeBytes || Files.size(file) != sizeBytes) {
            throw new IOException(map + ": is not the map of an export of this array as it is now (" + array
                    + "): give another name, or remove it and " + file);
        }
        ByteRanges left = ByteRanges.of(0, sizeBytes);
        for (ByteRanges.Range range : found.unreadable().list()) {
            left = left.without(range.startBytes(), range.lengthBytes());
        }
        return left;
    }

    @Override
    public ByteRanges done() {
        return earlier;
    }

    @Override
    public void readBack(long offsetBytes, ByteBuffer target) throws IOException {
        long at = offsetBytes;
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) {
                throw new IOException(file + ": ends before byte " + at);
            }
            at += read;
        }
    }

    @Override
    public void write(long offsetBytes, ByteBuffer bytes) throws IOException {
        long length = bytes.remaining();
        int at = 0;
        while (at < length) {
            boolean zeros = isZero(bytes, at);
            int end = at;
            while (end < length && isZero(bytes, end) == zeros) {
                end = (int) Math.min(length, end + BLOCK);
            }
            if (!zeros || offsetBytes + at < sparseFromBytes) {
                writeAll(offsetBytes + at, bytes.slice(at, end - at));
            }
            at = end;
        }
        done = done.with(ByteRanges.of(offsetBytes, offsetBytes + length));
        saveAtTimes();
    }

    private static boolean isZero(ByteBuffer bytes, int at) {
        int length = Math.min(bytes.limit() - at, BLOCK);
        return bytes.slice(at, length).mismatch(ZEROS.slice(0, length)) < 0;
    }

    private void writeAll(long offsetBytes, ByteBuffer bytes) throws IOException {
        long at = offsetBytes;
        while (bytes.hasRemaining()) {
            try {
                at += channel.write(bytes, at);
            } catch (IOException e) {
                save();
                throw new IOException(
                        file + ": can't be written: " + e.getMessage() + "; the same command goes on there", e);
            }
        }
    }

    @Override
    public void unreadable(long offsetBytes, long lengthBytes) throws IOException {
        if (offsetBytes < sparseFromBytes) {
            writeAll(offsetBytes, ByteBuffer.allocate((int) lengthBytes));
        }
        unreadable = unreadable.with(ByteRanges.of(offsetBytes, offsetBytes + lengthBytes));
        saveAtTimes();
    }

    private void saveAtTimes() throws IOException {
        if (System.nanoTime() - savedNanos > SAVE_NANOS) {
            save();
        }
    }

    private void save() throws IOException {
        channel.force(false);
        new RescueMapText(List.of(MAP_TITLE, array), sizeBytes, done, unreadable).writeTo(map);
        savedNanos = System.nanoTime();
    }

    @Override
    public void finish() throws IOException {
        save();
        if (unreadable.isEmpty() && !keepsMap) {
            Files.delete(map);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
