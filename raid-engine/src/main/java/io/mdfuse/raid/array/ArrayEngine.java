package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * What an open array does besides reads. There are two: {@link WriteEngine}, and {@link ReadOnlyEngine}, which refuses
 * all that would change a device. {@link RaidArray} knows no other difference between the two kinds of array.
 *
 * <p>Ranges of requests were checked by the caller. All methods but {@link #start} and {@link #close} may be called by
 * many threads.
 */
interface ArrayEngine {
    /** True if every write is refused. */
    boolean readOnly();

    /** Begins what runs in the background: timers, the resync, rebuilds. Called once, before the first request. */
    void start();

    /** What may pass over all stripes in the background. */
    BackgroundPasses passes();

    /** Writes to the volume. */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Makes everything durable that was answered before this call. */
    void flush() throws IOException;

    /** Zeroes a range of the volume, by trims as far as the devices have them. */
    void zero(long offsetBytes, long lengthBytes) throws IOException;

    /** Switches the journal's mode; returns when the switch is complete. */
    void setJournalMode(JournalMode mode) throws IOException;

    /**
     * The commands about members.
     *
     * @throws IOException if the array is read-only
     */
    MemberCommand memberCommand() throws IOException;

    /**
     * The devices of the array while it is in use.
     *
     * @throws IOException if the array is read-only
     */
    MemberManager memberManager() throws IOException;

    /** A member's superblock as it is now; of a read-only array as it was found. */
    Superblock superblock();

    /** The event count of the superblocks. */
    long events();

    /** md's array_state of an array that is not broken: readonly, clean or active. */
    String state();

    /** Why the journal takes no more writes; empty if it does, or there is none. Never waits. */
    String journalTrouble();

    /** Adds the attributes of the journal and its cache. */
    void describeJournal(Map<String, String> attributes);

    /** Adds the attributes of the devices and of the newest command about members. */
    void describeDevices(Map<String, String> attributes);

    /**
     * Ends what runs in the background, brings everything to the devices and marks the array clean. Everything that the
     * engine holds is released on every exception.
     */
    void close() throws IOException;
}
