package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.FileFailure;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sparse file, and beside it a map (ddrescue's form) of what is in it.
 *
 * <pre>
 *   1 blocks are written, zeros left out         a crash leaves blocks that the map does not call read
 *   2 each ten seconds: the file is flushed      the same
 *   3 the map is replaced, flushed               what the map calls read is in the file
 * </pre>
 *
 * A later run goes on if {@link EarlierExport} finds nothing against it. What the map does not call read is read again.
 * Behind the last part that was read the file is cut off, so that nothing of the earlier run stays there; before that,
 * zeros are written and not left out. When everything was read, the map is removed, unless it is wanted.
 *
 * <p>If the host's file system is full, there may be no space for the new map either: then some of the end of the file,
 * which no map calls read yet, is given back.
 */
final class ExportFile implements ExportTarget {
    private static final Logger LOG = LoggerFactory.getLogger(ExportFile.class);
    private static final long SAVE_NANOS = 10_000_000_000L;
    private static final int BLOCK = 4096;
    private static final long FIRST_BYTES_BACK = 1 << 20;
    private static final int MORE_BACK = 8;
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
    private long savedEndBytes;
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
        this.sparseFromBytes = EarlierExport.end(earlier);
        this.savedEndBytes = sparseFromBytes;
        try {
            channel.truncate(sparseFromBytes);
            if (sizeBytes > sparseFromBytes) {
                channel.write(ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
            }
        } catch (IOException e) {
            throw cannotBeWritten(e, "");
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
        ExportMap.requireOther(map, file);
        boolean exists = Files.exists(file);
        if (exists != Files.exists(map)) {
            Path one = exists ? file : map;
            throw new IOException(one + ": exists, and " + (exists ? map : file) + " does not, so this is not an export"
                    + " to go on with: give another name");
        }
        ByteRanges earlier = exists ? EarlierExport.of(file, map, array, sizeBytes) : ByteRanges.NONE;
        new RescueMapText(List.of(ExportMap.TITLE, array), sizeBytes, earlier, ByteRanges.NONE).requireReplaceable(map);
        FileChannel channel = channel(file, exists);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new IOException(file + ": another process writes it");
            }
            ExportFile opened = new ExportFile(file, wanted, array, sizeBytes, earlier, channel);
            opened.flush();
            opened.saveMap();
            return opened;
        } catch (IOException | OverlappingFileLockException e) {
            channel.close();
            if (!exists && e instanceof IOException) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(map);
            }
            throw e instanceof IOException failure ? failure : new IOException(file + ": is written already", e);
        }
    }

    private static FileChannel channel(Path file, boolean exists) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    exists ? StandardOpenOption.WRITE : StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException(FileFailure.line(file, e), e);
        }
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
        saveAtTimes(offsetBytes + length);
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
                flush();
                throw cannotBeWritten(e, whereItGoesOn(at));
            }
        }
    }

    @Override
    public void unreadable(long offsetBytes, long lengthBytes) throws IOException {
        if (offsetBytes < sparseFromBytes) {
            writeAll(offsetBytes, ByteBuffer.allocate((int) lengthBytes));
        }
        unreadable = unreadable.with(ByteRanges.of(offsetBytes, offsetBytes + lengthBytes));
        saveAtTimes(offsetBytes + lengthBytes);
    }

    private void saveAtTimes(long positionBytes) throws IOException {
        if (System.nanoTime() - savedNanos > SAVE_NANOS) {
            flush();
            try {
                saveMap();
            } catch (IOException e) {
                throw new IOException(e.getMessage() + whereItGoesOn(positionBytes), e);
            }
        }
    }

    /** If this fails, what was written may not be in the file, so the map must not be saved any more. */
    private void flush() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw cannotBeWritten(e, goesOnWhereTheMapEnds());
        }
    }

    /** The file was flushed before. */
    private void saveMap() throws IOException {
        new RescueMapText(List.of(ExportMap.TITLE, array), sizeBytes, done, unreadable).writeTo(map);
        savedEndBytes = Math.max(savedEndBytes, EarlierExport.end(done));
        savedNanos = System.nanoTime();
    }

    /**
     * Saves the map a last time, if need be with less than was written, and says where the same command goes on.
     *
     * @param positionBytes up to where the file was written and flushed
     */
    private String whereItGoesOn(long positionBytes) {
        for (long back = 0; back == 0 || positionBytes - back > savedEndBytes; back = moreThan(back)) {
            try {
                if (back > 0) {
                    giveBack(positionBytes - back);
                }
                saveMap();
                return "; the same command goes on there";
            } catch (IOException e) {
                LOG.debug("the map is not saved after {} bytes were given back: {}", back, e.getMessage());
            }
        }
        return goesOnWhereTheMapEnds();
    }

    private static long moreThan(long back) {
        return back == 0 ? FIRST_BYTES_BACK : back * MORE_BACK;
    }

    /** Cuts off what the saved map does not call read. */
    private void giveBack(long endBytes) throws IOException {
        channel.truncate(endBytes);
        done = done.without(endBytes, sizeBytes - endBytes);
        unreadable = unreadable.without(endBytes, sizeBytes - endBytes);
    }

    private String goesOnWhereTheMapEnds() {
        return "; the same command goes on where " + map + " ends";
    }

    private IOException cannotBeWritten(IOException why, String more) {
        return new IOException(file + ": can't be written: " + FileFailure.words(why) + more, why);
    }

    @Override
    public void finish() throws IOException {
        flush();
        saveMap();
        if (unreadable.isEmpty() && !keepsMap) {
            Files.delete(map);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
