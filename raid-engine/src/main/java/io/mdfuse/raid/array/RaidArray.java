package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An open array: the facade over the engine. {@link ArrayAssembler} opens it.
 *
 * <pre>
 *   read  ──▶ VolumeReader (ChunkAlignedRead) ──▶ Member
 *   write ──▶ ArrayEngine ──▶ RequestWriter ──▶ WritePath ──▶ Journal, Members
 *   zero  ──▶ ArrayEngine ──▶ Trimmer ──▶ Members
 * </pre>
 */
public final class RaidArray implements Volume, AutoCloseable {
    /** The name of the volume's file if the array has no name, or one that no file can have. */
    private static final String DEFAULT_NAME = "volume";

    private final ArrayParts parts;
    private final ReadPath readPath;
    private final ArrayEngine engine;

    /** {@link ArrayComposition} makes the parts. */
    RaidArray(ArrayParts parts, ReadPath readPath, ArrayEngine engine) {
        this.parts = parts;
        this.readPath = readPath;
        this.engine = engine;
    }

    /** Starts the background work. Called once, before the first request. */
    void start() {
        engine.start();
    }

    @Override
    public String name() {
        return isFileName(nameWithoutHost()) ? nameWithoutHost() : DEFAULT_NAME;
    }

    private String nameWithoutHost() {
        String name = parts.reference().setName();
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
        return readPath.volumeReader().sizeBytes();
    }

    @Override
    public boolean readOnly() {
        return engine.readOnly();
    }

    /** Lines for the user about the opening: what was replayed, which members are missing, whether a resync runs. */
    public List<String> startMessages() {
        return parts.messages();
    }

    /** The events of the array from its opening on; one thread may take them. */
    public ArrayEvents events() {
        return parts.events();
    }

    /** Emits NewArray and, if a member is missing or not in sync, DegradedArray. */
    public void announce() {
        String array = "the array " + name() + " (" + parts.reference().setUuidText() + ")";
        events().emit(ArrayEvent.of(
                "NewArray", Severity.INFO, array + " is served" + (readOnly() ? ", read-only" : "")));
        int degraded = parts.members().degraded();
        if (degraded > 0) {
            int more = parts.geometry().layout().parityCount() - degraded;
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
        readPath.requestsServed().increment();
        readPath.volumeReader().read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        readPath.requestsServed().increment();
        engine.write(offsetBytes, source);
    }

    @Override
    public void flush() throws IOException {
        engine.flush();
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        readPath.requestsServed().increment();
        engine.zero(offsetBytes, lengthBytes);
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        readPath.requestsServed().increment();
        engine.discard(offsetBytes, lengthBytes);
    }

    @Override
    public String trouble() {
        return ArrayAttributes.trouble(parts, engine);
    }

    @Override
    public Map<String, String> attributes() {
        return ArrayAttributes.of(parts, engine);
    }

    @Override
    public void setAttribute(String name, String value) throws IOException {
        BackgroundPasses passes = engine.passes();
        switch (name) {
            case "journal_mode" -> engine.setJournalMode(journalMode(value));
            case "member_command" -> engine.runMemberCommand(value);
            case "sync_action" -> setSyncAction(value);
            case "sync_min" -> passes.scrub().startNextFrom(SyncActions.sector(value));
            case "sync_speed_min" -> passes.paces().setMin(SyncActions.speed(value));
            case "sync_speed_max" -> passes.paces().setMax(SyncActions.speed(value));
            default -> throw new UnsupportedOperationException(name + " can't be set");
        }
    }

    private void setSyncAction(String value) throws IOException {
        if (parts.reshape() != null) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    "a reshape is in progress, so the array has two shapes: let md complete it before a check");
        }
        SyncActions.set(engine.passes(), value);
    }

    private static JournalMode journalMode(String value) {
        return JournalMode.named(value)
                .orElseThrow(() ->
                        new IllegalArgumentException("journal_mode is write-through or write-back, not " + value));
    }

    /** The engine, for tests that look inside an open array. */
    ArrayEngine engine() {
        return engine;
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
        closing.run(engine::close);
        closing.run(parts.runtime()::shutdown);
        closing.run(readPath::close);
        for (BlockDevice device : parts.devices()) {
            closing.run(device::close);
        }
        closing.throwFirst();
    }
}
