package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * The part of an open array that differs between an array that can be written and one that is read-only. There
 * are two engines: {@link WriteEngine}, and {@link ReadOnlyEngine}, which refuses every change. {@link ArrayOpening}
 * chooses one of them; {@link RaidArray} calls the same methods of both.
 *
 * <p>The caller has checked that the range of a request lies inside the volume. {@link #start} and {@link #close} are
 * called once, by one thread; all other methods may be called by many threads at the same time.
 */
interface ArrayEngine {
    /** True if every write is refused. */
    boolean readOnly();

    /** Starts the background work: timers, the resync, rebuilds. Called once, before the first request. */
    void start();

    /** The passes over all stripes that run in the background. */
    BackgroundPasses passes();

    /**
     * Writes to the volume.
     *
     * @throws IOException if the array is read-only, or a member or the journal failed
     */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Returns once all writes that were acknowledged before this call are durable. */
    void flush() throws IOException;

    /**
     * Makes a range of the volume read as zeros, with trims of the members' devices that support them.
     *
     * @throws IOException if the array is read-only, or a member or the journal failed
     */
    void zero(long offsetBytes, long lengthBytes) throws IOException;

    /** See {@link Volume#discard}; fails as {@link #zero}. */
    default void discard(long offsetBytes, long lengthBytes) throws IOException {
        zero(offsetBytes, lengthBytes);
    }

    /**
     * Switches the journal's mode; returns when the switch is complete.
     *
     * @throws IOException if the array is read-only, has no journal, or lacks a member that write-back needs; or if the
     *     cached stripes can't be written out
     */
    void setJournalMode(JournalMode mode) throws IOException;

    /**
     * Runs a user's command about members, as the attribute {@code member_command} takes it; see {@link MemberCommand}.
     *
     * @throws IOException if the array is read-only, or does not allow the command
     */
    void runMemberCommand(String command) throws IOException;

    /** A member's current superblock; for a read-only array the freshest superblock as it was found. */
    Superblock superblock();

    /** The event count of the superblocks. */
    long events();

    /** md's array_state of an array that is not broken: readonly, clean or active. */
    String state();

    /** Why the journal accepts no more writes; empty if it accepts them, or if there is no journal. Never waits. */
    String journalTrouble();

    /** Adds the attributes of the journal and of the write-back cache. */
    void describeJournal(Map<String, String> attributes);

    /** Adds the attributes of the devices and of the newest command about members. */
    void describeDevices(Map<String, String> attributes);

    /**
     * Ends the background work, writes everything to the devices and marks the array clean. Locks, threads and memory
     * of the engine are released even if this throws.
     */
    void close() throws IOException;
}
