package io.mdfuse.raid.array;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.writepath.Journaled;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engine of an array that can be written: it serves writes and trims, runs the passes, manages the members, and
 * stops the array cleanly. {@link ArrayComposition} makes its parts.
 */
final class WriteEngine implements ArrayEngine {
    /**
     * How long a stop waits for a resync that is nearly complete. A resync that needs longer is stopped, and the next
     * mount continues it.
     */
    private static final long RESYNC_GRACE_MILLIS = 5_000;

    private final ArrayParts parts;
    private final WriteParts writeParts;
    private final WritePathParts writePathParts;
    private final BackgroundPasses passes;
    private final MemberManager memberManager;
    private final MemberCommand memberCommand;

    WriteEngine(
            ArrayParts parts,
            WriteParts writeParts,
            WritePathParts writePathParts,
            BackgroundPasses passes,
            MemberManager memberManager,
            MemberCommand memberCommand) {
        this.parts = parts;
        this.writeParts = writeParts;
        this.writePathParts = writePathParts;
        this.passes = passes;
        this.memberManager = memberManager;
        this.memberCommand = memberCommand;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    /**
     * Starts the timed tasks, then the resync, then a rebuild. A rebuild comes last because it writes: a spare that
     * takes a slot is recorded in all superblocks.
     */
    @Override
    public void start() {
        writeParts.writeIntent().start();
        Journaled journaled = writePathParts.journaled();
        if (journaled != null) {
            journaled.start(parts.runtime().timer());
        }
        ResyncScheduler resyncs = passes.resyncs();
        if (resyncs != null) {
            resyncs.start();
        }
        memberManager.rebuilds().startNext();
    }

    @Override
    public BackgroundPasses passes() {
        return passes;
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        writePathParts.requestWriter().write(offsetBytes, source);
    }

    @Override
    public void flush() throws IOException {
        writePathParts.writePath().flush();
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        writePathParts.trimmer().zero(offsetBytes, lengthBytes);
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        writePathParts.trimmer().discard(offsetBytes, lengthBytes);
    }

    @Override
    public void setJournalMode(JournalMode mode) throws IOException {
        Journaled journaled = writePathParts.journaled();
        if (journaled == null) {
            throw new NotOfferedException("the array has no journal, so it has no journal_mode");
        }
        journaled.setMode(mode);
    }

    @Override
    public void runMemberCommand(String command) throws IOException {
        memberCommand.run(command);
    }

    @Override
    public void setKnob(String name, String value) throws IOException {
        knobs().set(name, value);
    }

    private WriteKnobs knobs() {
        return new WriteKnobs(writeParts, memberCommand);
    }

    /** The members of the array while it is in use; tests ask it directly. */
    MemberManager memberManager() {
        return memberManager;
    }

    @Override
    public Superblock superblock() {
        return writeParts.store().anyMember();
    }

    @Override
    public long events() {
        return writeParts.store().events();
    }

    @Override
    public String state() {
        return writeParts.dirtyMarker().isDirty() ? "active" : "clean";
    }

    @Override
    public String journalTrouble() {
        Journal journal = writeParts.journal();
        return journal != null && journal.hasFailed()
                ? journal.failureMessage() + "; nothing can be written: unmount, and mount with --drop-journal"
                : "";
    }

    @Override
    public void describeJournal(Map<String, String> attributes) {
        Journaled journaled = writePathParts.journaled();
        if (journaled == null) {
            attributes.put("journal_mode", "none");
            return;
        }
        attributes.put("journal_mode", journaled.mode().mdName());
        attributes.put("stripe_cache_size", Integer.toString(journaled.stripeCacheSize()));
        attributes.put("stripe_cache_active", Integer.toString(journaled.stripeCacheActive()));
    }

    @Override
    public @Nullable JournalFigures journalFigures() {
        Journaled journaled = writePathParts.journaled();
        return journaled == null ? null : journaled.journalFigures();
    }

    @Override
    public @Nullable CacheFigures cacheFigures() {
        Journaled journaled = writePathParts.journaled();
        return journaled == null ? null : journaled.cacheFigures();
    }

    @Override
    public void describeDevices(Map<String, String> attributes) {
        attributes.put("member_command", "none");
        attributes.put("member_result", MemberOutcomeText.attribute(memberCommand.newest()));
        writeParts.devices().describe(attributes);
        knobs().describe(attributes);
    }

    /**
     * Writes out the cached stripes, flushes the members, drains the log and marks the superblocks clean. The order,
     * and what a crash after each step leaves, is the table "Closing" of docs/architecture/opening.md.
     */
    @Override
    public void close() throws IOException {
        CloseSteps closing = new CloseSteps();
        closing.run(this::stop);
        closing.run(this::stopLazySyncs);
        closing.run(writePathParts.requestWriter()::close);
        closing.run(writeParts.writeIntent()::close);
        closing.run(writeParts.dirtyMarker()::close);
        Journaled journaled = writePathParts.journaled();
        if (journaled != null) {
            closing.run(journaled::close);
        }
        Journal journal = writeParts.journal();
        if (journal != null) {
            closing.run(journal::close);
        }
        closing.throwFirst();
    }

    /**
     * If a step fails, the steps after it are skipped: the array stays marked dirty, and the next mount recovers it.
     */
    private void stop() throws IOException {
        memberManager.rebuilds().stop();
        stopScrub();
        stopLazySyncs();
        Resync resync = passes.resync();
        if (resync != null) {
            stopResync(resync);
        }
        Journaled journaled = writePathParts.journaled();
        if (journaled != null) {
            journaled.drain();
        }
        if (resync != null) {
            resync.completeIfNothingIsInDoubt();
        }
        writeParts.writeIntent().stop();
        writeParts.dirtyMarker().stop();
    }

    private void stopLazySyncs() throws IOException {
        LazySyncScheduler lazySyncs = passes.lazySyncs();
        if (lazySyncs != null) {
            lazySyncs.stop();
        }
    }

    private void stopScrub() throws IOException {
        try {
            passes.scrub().stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the scrub ended", e);
        }
    }

    private static void stopResync(Resync resync) throws IOException {
        try {
            if (resync.millisLeft().orElse(Long.MAX_VALUE) < RESYNC_GRACE_MILLIS) {
                resync.awaitEnd(RESYNC_GRACE_MILLIS);
            }
            resync.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the resync ended", e);
        }
    }
}
