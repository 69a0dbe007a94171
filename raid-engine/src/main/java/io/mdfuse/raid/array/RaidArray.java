package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.stripe.BigStripeTree;
import io.mdfuse.raid.stripe.ChunkAlignedRead;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import io.mdfuse.raid.sync.ScrubParts;
import io.mdfuse.raid.writepath.JournalMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * An open array: the facade over the engine.
 *
 * <pre>
 *   read  ──▶ ChunkAlignedRead ──▶ Member
 *   write ──▶ WriteEngine ──▶ RequestWriter ──▶ WritePath ──▶ Journal, Members
 *   zero  ──▶ WriteEngine ──▶ Trimmer ──▶ Members
 * </pre>
 */
public final class RaidArray implements Volume, AutoCloseable {
    /** The file of an array whose own name can't be one. */
    private static final String NAME_OF_NONE = "volume";

    private final ArrayParts parts;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final StripeCache stripeCache;
    private final ChunkAlignedRead chunkAlignedRead;
    /** So that what runs in the background can make way. */
    private final LongAdder requestsServed = new LongAdder();

    private final @Nullable WriteEngine writeEngine;
    private final BackgroundPasses passes;

    RaidArray(ArrayParts parts, @Nullable WritableParts writable) {
        this.parts = parts;
        this.locks = parts.locks();
        this.stripeReader = new StripeReader(
                parts.geometry(),
                parts.members(),
                parts.syncPosition(),
                parts.runtime().requests(),
                writable != null);
        BigStripeTree bigStripeTree = new BigStripeTree();
        this.stripeCache = new StripeCache(parts.geometry(), bigStripeTree);
        this.chunkAlignedRead = new ChunkAlignedRead(
                parts.geometry(), parts.members(), bigStripeTree, stripeCache, locks, stripeReader);
        this.writeEngine = writable == null
                ? null
                : new WriteEngine(parts, writable, locks, stripeReader, stripeCache, requestsServed::sum);
        this.passes = writeEngine == null ? readOnlyPasses() : writeEngine.passes();
    }

    private BackgroundPasses readOnlyPasses() {
        SyncPaces paces = new SyncPaces(requestsServed::sum);
        Scrub scrub = new Scrub(new ScrubParts(
                new PassParts(parts.geometry(), parts.members(), locks, paces.scrub(), parts.events()),
                stripeReader,
                parts.syncPosition(),
                null,
                1,
                parts.runtime().workers()));
        return new BackgroundPasses(null, scrub, null, paces);
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
        return writeEngine == null;
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
        requestsServed.increment();
        chunkAlignedRead.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        requestsServed.increment();
        requireWritable().write(offsetBytes, source);
    }

    @Override
    public void flush() throws IOException {
        if (writeEngine != null) {
            writeEngine.flush();
        }
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        requestsServed.increment();
        requireWritable().zero(offsetBytes, lengthBytes);
    }

    private WriteEngine requireWritable() throws IOException {
        if (writeEngine == null) {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array is mounted read-only");
        }
        return writeEngine;
    }

    @Override
    public String trouble() {
        return ArrayAttributes.trouble(parts, writeEngine);
    }

    @Override
    public Map<String, String> attributes() {
        return ArrayAttributes.of(parts, writeEngine, passes);
    }

    @Override
    public void setAttribute(String name, String value) throws IOException {
        switch (name) {
            case "journal_mode" -> requireWritable().setJournalMode(journalMode(value));
            case "member_command" -> requireWritable().memberCommand().run(value);
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

    private void stopScrub() {
        try {
            passes.scrub().stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Members while the array is in use; null for a read-only array. */
    @Nullable
    MemberManager memberManager() {
        return writeEngine == null ? null : writeEngine.memberManager();
    }

    /** The resync, where one was needed; null otherwise. */
    public @Nullable Resync resync() {
        return writeEngine == null ? null : writeEngine.resync();
    }

    /**
     * Writes everything that is still to be written, marks the array clean, and closes its devices. No request is
     * under way and none comes any more.
     *
     * @throws IOException where something could not be written; the devices are closed nevertheless, and the next
     *     opening recovers
     */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        if (writeEngine != null) {
            try {
                writeEngine.close();
            } catch (IOException e) {
                failure = e;
            }
        } else {
            stopScrub();
        }
        parts.runtime().shutdown();
        stripeReader.close();
        stripeCache.close();
        for (BlockDevice device : parts.devices()) {
            try {
                device.close();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
