package io.mdfuse.raid.array;

import io.mdfuse.raid.writepath.LogNeeds;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How an array is to be opened.
 *
 * @param readOnly nothing is ever written to a device; the journal is replayed in memory
 * @param force accept what may have lost data: a dirty array with a member missing, a journal that can't be read or is
 *     missing
 * @param run go on although a member that should be there was not given
 * @param direct open the devices past the page cache (O_DIRECT)
 * @param stripeCacheSize how many stripes the write-back cache may hold; 0 for as many as memory allows
 * @param dropJournal bring what the journal holds to the members, and go on without a journal for good
 * @param addJournal the device that becomes the journal of an array that has none; null for none
 * @param ignoreBadBlockLists take every block for readable, whatever the members' bad-block lists say, and take the
 *     lists out of force, as mdadm's --update=force-no-bbl
 */
public record AssembleOptions(
        boolean readOnly,
        boolean force,
        boolean run,
        boolean direct,
        int stripeCacheSize,
        boolean dropJournal,
        @Nullable Path addJournal,
        boolean ignoreBadBlockLists) {
    /** The smallest write-back cache that can be asked for, in stripes. */
    public static final int LEAST_STRIPE_CACHE_SIZE = LogNeeds.LEAST_CACHED_STRIPES;

    /** The largest, in stripes. */
    public static final int MOST_STRIPE_CACHE_SIZE = LogNeeds.MOST_CACHED_STRIPES;

    /** Nothing out of the ordinary. */
    public static AssembleOptions defaults() {
        return new AssembleOptions(false, false, false, false, 0, false, null, false);
    }

    /** The same without a byte written. */
    public AssembleOptions withReadOnly(boolean wanted) {
        return new AssembleOptions(
                wanted, force, run, direct, stripeCacheSize, dropJournal, addJournal, ignoreBadBlockLists);
    }

    /** The same with the user's word that data may be lost. */
    public AssembleOptions withForce(boolean wanted) {
        return new AssembleOptions(
                readOnly, wanted, run, direct, stripeCacheSize, dropJournal, addJournal, ignoreBadBlockLists);
    }

    /** The same with the user's word that members may be missing. */
    public AssembleOptions withRun(boolean wanted) {
        return new AssembleOptions(
                readOnly, force, wanted, direct, stripeCacheSize, dropJournal, addJournal, ignoreBadBlockLists);
    }

    /** The same past the page cache. */
    public AssembleOptions withDirect(boolean wanted) {
        return new AssembleOptions(
                readOnly, force, run, wanted, stripeCacheSize, dropJournal, addJournal, ignoreBadBlockLists);
    }

    /** The same with a bound on cached stripes. */
    public AssembleOptions withStripeCacheSize(int stripes) {
        return new AssembleOptions(readOnly, force, run, direct, stripes, dropJournal, addJournal, ignoreBadBlockLists);
    }

    /** The same, ending without a journal. */
    public AssembleOptions withDropJournal(boolean wanted) {
        return new AssembleOptions(
                readOnly, force, run, direct, stripeCacheSize, wanted, addJournal, ignoreBadBlockLists);
    }

    /** The same, with a device that becomes the journal. */
    public AssembleOptions withAddJournal(@Nullable Path device) {
        return new AssembleOptions(
                readOnly, force, run, direct, stripeCacheSize, dropJournal, device, ignoreBadBlockLists);
    }

    /** The same with the user's word on whether bad-block lists are to be ignored. */
    public AssembleOptions withIgnoreBadBlockLists(boolean wanted) {
        return new AssembleOptions(readOnly, force, run, direct, stripeCacheSize, dropJournal, addJournal, wanted);
    }
}
