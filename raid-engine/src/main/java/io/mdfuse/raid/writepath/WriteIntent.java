package io.mdfuse.raid.writepath;

import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.RegionsToCopy;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.store.UpdateHook;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record that must be durable before members are written without a journal, so that a crash in between needs less
 * than a full resync. One implementation for each of md's policies: {@link #NONE} for "resync".
 */
public interface WriteIntent extends AutoCloseable {
    /** Records nothing: after a crash all parity is made anew. */
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
     * Records durably that these runs are about to be written. Their parity is made. Each call that returns needs a
     * call of {@link #end}.
     *
     * @param lease covers the stripes of all runs
     */
    void begin(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException;

    /**
     * The runs are on the members, perhaps still in their caches.
     *
     * @param written false if the write failed, so that their parity may be wrong from now on
     */
    void end(List<RunWrite> runs, boolean written);

    /** The longest request that can be recorded at once, in bytes. */
    default int largestRequestBytes() {
        return Integer.MAX_VALUE;
    }

    /**
     * Prepares a device that is about to take a slot: it gets a copy of the records before it is trusted. Called once
     * more when it has the slot, for records made in between.
     */
    default void attach(FoundDevice device) throws IOException {}

    /**
     * Records on all members which regions a former member may lack, from its own records; its superblock and records
     * are those from the time when it was removed. {@link #marked} includes these regions until the slot is in sync
     * again.
     *
     * @throws ArrayRefusedException if the regions are not known
     */
    default void includeFormer(FoundDevice former) throws IOException {
        throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array has no bitmap that would tell what changed");
    }

    /** The regions that former members may lack; null if they are not recorded. */
    default @Nullable DirtyRegions marked() {
        return null;
    }

    /**
     * The regions that a new member needs, if they are recorded; null if it needs everything. Called before each
     * rebuild of a slot that has no member in sync.
     */
    default @Nullable RegionsToCopy writtenRegions() throws IOException {
        return null;
    }

    /** The number of bits, one for each chunk of the members; 0 if there is no write-intent bitmap of version 4. */
    default int bitCount() {
        return 0;
    }

    /**
     * Records durably that parity in these chunks may be wrong: no tick clears the bits, and a re-add copies the
     * chunks. If no member is missing, {@link SyncPosition#storedOffset} is moved back to the first of the chunks, for
     * the caller to store: the next mount then resyncs the chunks.
     *
     * @param chunks each less than {@link #bitCount}
     */
    default void markInDoubt(BitSet chunks) throws IOException {
        throw new ArrayRefusedException(Reason.UNSUPPORTED, "the array has no write-intent bitmap");
    }

    /**
     * Makes the members' records equal.
     *
     * @param alike whether they are equal already
     */
    default void makeAlike(boolean alike) throws IOException {}

    /** The hook that keeps the event count of the records equal to that of the superblocks; null if they have none. */
    default @Nullable UpdateHook eventCount() {
        return null;
    }

    /** Starts what runs in the background. Called once, before the first request. */
    default void start() {}

    /** No write is under way and none will follow: the records may be cleared. */
    default void stop() throws IOException {}

    /** Ends what runs in the background and frees memory: when this returns no device is used any more. */
    @Override
    default void close() {}

    /** As {@link #begin} for a trim. The caller must not have a lease. */
    void beginTrim(StripeRange stripes) throws IOException;

    /** As {@link #end} for a trim. The caller must not have a lease any more. */
    void endTrim(StripeRange stripes, boolean trimmed) throws IOException;

    /** What these stripes held was given up; those that were trimmed, and not written since, have no content. */
    default void discarded(StripeRange stripes) {}
}
