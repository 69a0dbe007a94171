package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.writepath.LogNeeds;
import org.jspecify.annotations.Nullable;

/**
 * How an array is to be opened.
 *
 * @param readOnly true to write nothing to any device; the journal is replayed in memory
 * @param force true to accept possible data loss: a dirty array with a missing member, a journal that can't be read or
 *     is missing, and the other cases that docs/architecture/opening.md lists
 * @param run true to open the array although a member that the superblocks expect was not given
 * @param direct true to bypass the page cache (O_DIRECT)
 * @param stripeCacheSize how many stripes the write-back cache may hold; 0 for a size that depends on the memory
 * @param journalChange whether the opening removes or adds a journal
 * @param assumptions what the user knows better than the superblocks
 */
public record AssembleOptions(
        boolean readOnly,
        boolean force,
        boolean run,
        boolean direct,
        int stripeCacheSize,
        JournalChange journalChange,
        Assumptions assumptions) {
    /**
     * A change of the array's journal at the opening.
     *
     * @param drop true to write what the journal contains to the members, and then to remove the journal for good
     * @param add the device that becomes the journal of an array without one; null for none
     */
    public record JournalChange(boolean drop, @Nullable DeviceSpec add) {
        static final JournalChange NONE = new JournalChange(false, null);
    }

    /**
     * What the user knows better than the superblocks.
     *
     * @param ignoreBadBlockLists true to read every block, even if a member's bad-block list contains it, and to remove
     *     the lists from the superblocks, as mdadm's --update=force-no-bbl does
     * @param stripeOrder the order of a RAID-0 whose members differ in size; null for that of the superblocks
     */
    public record Assumptions(
            boolean ignoreBadBlockLists, @Nullable StripeOrder stripeOrder) {
        static final Assumptions NONE = new Assumptions(false, null);
    }

    /** The smallest {@link #stripeCacheSize} apart from 0, in stripes. */
    public static final int LEAST_STRIPE_CACHE_SIZE = LogNeeds.LEAST_CACHED_STRIPES;

    /** The largest {@link #stripeCacheSize}, in stripes. */
    public static final int MOST_STRIPE_CACHE_SIZE = LogNeeds.MOST_CACHED_STRIPES;

    /** True to write what the journal contains to the members, and then to remove the journal for good. */
    public boolean dropJournal() {
        return journalChange.drop();
    }

    /** The device that becomes the journal of an array without one; null for none. */
    public @Nullable DeviceSpec addJournal() {
        return journalChange.add();
    }

    /** No option is set. */
    public static AssembleOptions defaults() {
        return new AssembleOptions(false, false, false, false, 0, JournalChange.NONE, Assumptions.NONE);
    }

    /** A copy with another value of {@link #readOnly}. */
    public AssembleOptions withReadOnly(boolean wanted) {
        return new AssembleOptions(wanted, force, run, direct, stripeCacheSize, journalChange, assumptions);
    }

    /** A copy with another value of {@link #force}. */
    public AssembleOptions withForce(boolean wanted) {
        return new AssembleOptions(readOnly, wanted, run, direct, stripeCacheSize, journalChange, assumptions);
    }

    /** A copy with another value of {@link #run}. */
    public AssembleOptions withRun(boolean wanted) {
        return new AssembleOptions(readOnly, force, wanted, direct, stripeCacheSize, journalChange, assumptions);
    }

    /** A copy with another value of {@link #direct}. */
    public AssembleOptions withDirect(boolean wanted) {
        return new AssembleOptions(readOnly, force, run, wanted, stripeCacheSize, journalChange, assumptions);
    }

    /** A copy with another value of {@link #stripeCacheSize}. */
    public AssembleOptions withStripeCacheSize(int stripes) {
        return new AssembleOptions(readOnly, force, run, direct, stripes, journalChange, assumptions);
    }

    /** A copy with another value of {@link #dropJournal}. */
    public AssembleOptions withDropJournal(boolean wanted) {
        return new AssembleOptions(
                readOnly,
                force,
                run,
                direct,
                stripeCacheSize,
                new JournalChange(wanted, journalChange.add()),
                assumptions);
    }

    /** A copy with another value of {@link #addJournal}. */
    public AssembleOptions withAddJournal(@Nullable DeviceSpec device) {
        return new AssembleOptions(
                readOnly,
                force,
                run,
                direct,
                stripeCacheSize,
                new JournalChange(journalChange.drop(), device),
                assumptions);
    }

    /** See {@link Assumptions}. */
    public boolean ignoreBadBlockLists() {
        return assumptions.ignoreBadBlockLists();
    }

    /** See {@link Assumptions}. */
    public @Nullable StripeOrder stripeOrder() {
        return assumptions.stripeOrder();
    }

    /** A copy with another value of {@link #ignoreBadBlockLists}. */
    public AssembleOptions withIgnoreBadBlockLists(boolean wanted) {
        return with(new Assumptions(wanted, stripeOrder()));
    }

    /** A copy with another value of {@link #stripeOrder}. */
    public AssembleOptions withStripeOrder(@Nullable StripeOrder wanted) {
        return with(new Assumptions(ignoreBadBlockLists(), wanted));
    }

    private AssembleOptions with(Assumptions wanted) {
        return new AssembleOptions(readOnly, force, run, direct, stripeCacheSize, journalChange, wanted);
    }
}
