package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An open array: the facade over the engine.
 *
 * <pre>
 *   read  ──▶ ChunkAlignedRead ──▶ Member
 *   write ──▶ ArrayEngine ──▶ RequestWriter ──▶ WritePath ──▶ Journal, Members
 *   zero  ──▶ ArrayEngine ──▶ Trimmer ──▶ Members
 * </pre>
 *
 * Made by {@link ArrayAssembler}.
 */
public final class RaidArray implements Volume, AutoCloseable {
    /** The file of an array whose own name can't be one. */
    private static final String NAME_OF_NONE = "volume";

    private final ArrayParts parts;
    private final ReadPath readPath;
    private final ArrayEngine engine;

    /** Its parts are made by {@link ArrayComposition}. */
    RaidArray(ArrayParts parts, ReadPath readPath, ArrayEngine engine) {
        this.parts = parts;
        this.readPath = readPath;
        this.engine = engine;
    }

    /** Begins what runs in the background. Called once, before the first request. */
    void start() {
        engine.start();
    }

    @Override
    public String name() {
        return isFileName(nameWithoutHost()) ? nameWithoutHost() : NAME_OF_NONE;
    }

    private String nameWithoutHost() {
        String name = parts.reference().setName();
        return name.substring(name.indexOf(':') + 1);
    }

    private static boolean isFileName(String name) {
        return !name.isEmpty() && !name.contains("/") && !name.startsWith(".");
    }

    /** Why the file is not called as the array is, in one line; empty if it is. */
    public Optional<String> nameNote() {
        String name = nameWithoutHost();
        if (isFileName(name)) {
            return Optional.empty();
        }
        return Optional.of(
                (name.isEmpty() ? "the array has no name" : "a file can't be called " + name + " as the array is")
                        + ": its file is called " + NAME_OF_NONE);
    }

    @Override
    public long sizeBytes() {
        return parts.geometry().arrayBytes();
    }

    @Override
    public boolean readOnly() {
        return engine.readOnly();
    }

    /** What the opening of the array has to say: what was replayed, whether parity is being resynced. */
    public List<String> startMessages() {
        return parts.messages();
    }

    /** What happens to the array from now on; one thread may take its events. */
    public ArrayEvents events() {
        return parts.events();
    }

    /** Has the events say that the array is served from now on, and what it lacks. */
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
        readPath.chunkAlignedRead().read(offsetBytes, target);
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
            case "sync_action" -> SyncActions.set(passes, value);
            case "sync_min" -> passes.scrub().startNextFrom(SyncActions.sector(value));
            case "sync_speed_min" -> passes.paces().setMin(SyncActions.speed(value));
            case "sync_speed_max" -> passes.paces().setMax(SyncActions.speed(value));
            default -> throw new UnsupportedOperationException(name + " can't be set");
        }
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
     * Writes everything that is still to be written, marks the array clean, and closes its devices. No request is in
     * progress and none comes any more.
     *
     * @throws IOException if something could not be written. On this and on every other exception or error the threads
     *     are ended and the devices closed all the same, and the next opening recovers
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
