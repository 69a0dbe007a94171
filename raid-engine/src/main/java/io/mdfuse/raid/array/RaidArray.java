package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.statistics.ArrayStatistics;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.OperationKind;
import io.mdfuse.raid.statistics.VolumeCounters;
import io.mdfuse.raid.statistics.WrittenFigures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An open array of any level: the facade over the engine. {@link ArrayAssembler} opens it.
 *
 * <pre>
 *   read        ──▶ ReadSide ──▶ VolumeReader (ChunkAlignedRead; ReshapedReader; without parity CopyReader) ──▶ Member
 *   write       ──▶ WriteSide ──▶ RequestWriter ──▶ WritePath ──▶ Journal, Members
 *   zero        ──▶ WriteSide ──▶ Trimmer ──▶ Members
 *   attributes  ──▶ ArrayStatus
 * </pre>
 */
public final class RaidArray implements Volume, AutoCloseable {
    /** The name of the volume's file if the array has no name, or one that no file can have. */
    private static final String DEFAULT_NAME = "volume";

    private final OpenArray open;
    private final ReadSide readSide;
    private final WriteSide writeSide;
    private final ArrayStatus status;
    private final VolumeCounters counters = new VolumeCounters();
    /** What the recovery wrote to the members before the first request. */
    private final long recoveredBytes;

    /** {@link ArrayComposition} or {@link CopiesOpening} makes the parts. */
    RaidArray(OpenArray open, ReadSide readSide, WriteSide writeSide, ArrayStatus status) {
        this.open = open;
        this.readSide = readSide;
        this.writeSide = writeSide;
        this.status = status;
        this.recoveredBytes = status.memberWrittenBytes();
    }

    /** Starts the background work. Called once, before the first request. */
    void start() {
        writeSide.start();
    }

    @Override
    public String name() {
        return isFileName(nameWithoutHost()) ? nameWithoutHost() : DEFAULT_NAME;
    }

    private String nameWithoutHost() {
        String name = open.reference().setName();
        return name.substring(name.indexOf(':') + 1);
    }

    private static boolean isFileName(String name) {
        return !name.isEmpty() && !name.contains("/") && !name.startsWith(".");
    }

    /** One line that says why the file does not have the array's name; empty if it has. */
    public Optional<String> nameNote() {
        String name = nameWithoutHost();
        if (isFileName(name)) {
            return Optional.empty();
        }
        return Optional.of(
                (name.isEmpty() ? "the array has no name" : "a file can't be called " + name + " as the array is")
                        + ": its file is called " + DEFAULT_NAME);
    }

    @Override
    public long sizeBytes() {
        return readSide.volumeReader().sizeBytes();
    }

    @Override
    public boolean readOnly() {
        return writeSide.readOnly();
    }

    /** Lines for the user about the opening: what was replayed, which members are missing, whether a resync runs. */
    public List<String> startMessages() {
        return open.messages();
    }

    /** The events of the array from its opening on; one thread may take them. */
    public ArrayEvents events() {
        return open.events();
    }

    /** Emits NewArray and, if a member is missing or not in sync, DegradedArray. */
    public void announce() {
        String array = "the array " + name() + " (" + open.reference().setUuidText() + ")";
        events().emit(ArrayEvent.of(
                "NewArray", Severity.INFO, array + " is served" + (readOnly() ? ", read-only" : "")));
        int degraded = status.degraded();
        if (degraded > 0) {
            int more = status.failuresLeft();
            events().emit(ArrayEvent.of(
                    "DegradedArray",
                    Severity.CRITICAL,
                    array + " lacks " + degraded + (degraded == 1 ? " member" : " members") + " in sync; it survives "
                            + (more <= 0 ? "no further failure" : more + " more")));
        }
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes());
        readSide.requestsServed().increment();
        counters.run(
                OperationKind.READ,
                offsetBytes,
                target.byteSize(),
                () -> readSide.volumeReader().read(offsetBytes, target));
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        readSide.requestsServed().increment();
        counters.run(OperationKind.WRITE, offsetBytes, source.byteSize(), () -> writeSide.write(offsetBytes, source));
    }

    @Override
    public void flush() throws IOException {
        counters.run(OperationKind.FLUSH, 0, 0, writeSide::flush);
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        readSide.requestsServed().increment();
        counters.run(OperationKind.TRIM, offsetBytes, lengthBytes, () -> writeSide.zero(offsetBytes, lengthBytes));
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        readSide.requestsServed().increment();
        counters.run(OperationKind.TRIM, offsetBytes, lengthBytes, () -> writeSide.discard(offsetBytes, lengthBytes));
    }

    @Override
    public String trouble() {
        return status.trouble();
    }

    @Override
    public Optional<ArrayStatistics> statistics() {
        var operations = counters.figures();
        JournalFigures journal = status.journalFigures();
        long passBytes = status.passWrittenBytes();
        long memberBytes = status.memberWrittenBytes() - recoveredBytes - passBytes;
        return Optional.of(new ArrayStatistics(
                counters.ageNanos(),
                operations,
                status.memberFigures(),
                new WrittenFigures(
                        Objects.requireNonNull(operations.get(OperationKind.WRITE))
                                .bytes(),
                        Math.max(0, memberBytes),
                        journal == null ? 0 : journal.writtenBytes(),
                        passBytes),
                journal,
                status.cacheFigures()));
    }

    @Override
    public Map<String, String> attributes() {
        return status.attributes();
    }

    @Override
    public void setAttribute(String name, String value) throws IOException {
        status.set(name, value);
    }

    /** The write side, for tests that look inside an open array. */
    WriteSide writeSide() {
        return writeSide;
    }

    /**
     * Writes everything that is not on the devices yet, marks the array clean, and closes the devices. When this is
     * called, no request may be in progress, and no request may follow.
     *
     * @throws IOException if something could not be written; the next opening recovers it. The threads are ended and
     *     the devices are closed even after an exception or error
     */
    @Override
    public void close() throws IOException {
        CloseSteps closing = new CloseSteps();
        closing.run(writeSide::close);
        closing.run(open.runtime()::shutdown);
        closing.run(readSide::close);
        for (BlockDevice device : open.devices()) {
            closing.run(device::close);
        }
        closing.throwFirst();
    }
}
