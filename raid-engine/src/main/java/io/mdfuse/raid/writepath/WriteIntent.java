package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has to be on record before members are changed without a journal, so that a crash in between can be put right
 * by less than a resync of everything. One implementation for each of md's policies: {@link #NONE} for "resync".
 */
public interface WriteIntent extends AutoCloseable {
    /** Nothing is recorded: after a crash all parity is made anew. */
    WriteIntent NONE = new WriteIntent() {
        @Override
        public void begin(StripeLocks.Lease lease, List<RunWrite> runs) {}

        @Override
        public void end(List<RunWrite> runs, boolean written) {}

        @Override
        public void beginTrim(StripeRange stripes) {}

        @Override
        public void endTrim(StripeRange stripes, boolean trimmed) {}
    };

    /**
     * Returns once it is on record, durably, that these runs are about to be written. Their parity is made. Each
     * call that returns needs one of {@link #end}.
     *
     * @param lease covers the stripes of all runs
     */
    void begin(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException;

    /**
     * The runs are on the members, perhaps still in their caches.
     *
     * @param written false where that failed, so that their parity may be wrong from now on
     */
    void end(List<RunWrite> runs, boolean written);

    /** The longest request that can be recorded at once, in bytes. */
    default int largestRequestBytes() {
        return Integer.MAX_VALUE;
    }

    /**
     * A device is about to take a slot: it gets what the members have of these records, before anybody trusts it.
     * Called once more when it has the slot, for what was put on record in between.
     */
    default void attach(FoundDevice device) throws IOException {}

    /**
     * Puts on record, on all members, what the content of a former member lacks; its superblock and what it has of
     * these records are those with which it left. From here on {@link #marked} names it, until the slot is whole again.
     *
     * @throws ArrayRefusedException where that is not known
     */
    default void takeUp(FoundDevice former) throws IOException {
        throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array has no bitmap that would tell what changed");
    }

    /** Where members that left may lack something; null where that is not on record. */
    default @Nullable DirtyRegions marked() {
        return null;
    }

    /** No write is under way and none comes any more: what is recorded may be taken back. */
    default void stop() throws IOException {}

    @Override
    default void close() {}

    /** As {@link #begin} for a trim. The caller holds no stripes. */
    void beginTrim(StripeRange stripes) throws IOException;

    /** As {@link #end} for a trim. The caller holds no stripes any more. */
    void endTrim(StripeRange stripes, boolean trimmed) throws IOException;
}
