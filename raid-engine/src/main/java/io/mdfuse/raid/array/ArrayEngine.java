package io.mdfuse.raid.array;

import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of an open array with parity that differs between an array that can be written and one that is read-only.
 * There are two engines: {@link WriteEngine}, and {@link ReadOnlyEngine}, which refuses every change.
 * {@link ArrayComposition} chooses one of them; {@link RaidArray} and {@link ParityStatus} call the same methods of
 * both.
 */
interface ArrayEngine extends WriteSide {
    /** The passes over all stripes that run in the background. */
    BackgroundPasses passes();

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

    /**
     * Changes an attribute of {@link WriteKnobs}.
     *
     * @throws UnsupportedOperationException if there is no such attribute, or it can't be set
     * @throws IOException if the array is read-only, or its state does not allow the change
     */
    void setKnob(String name, String value) throws IOException;

    /** A member's current superblock; for a read-only array the freshest superblock as it was found. */
    Superblock superblock();

    /** The event count of the superblocks. */
    long events();

    /** md's array_state of an array that is not broken: readonly, clean or active. */
    String state();

    /** Why the journal accepts no more writes; empty if it accepts them, or if there is no journal. Never waits. */
    String journalTrouble();

    /** Where the journal stands; null if the array has none or is read-only. Waits for no device. */
    default @Nullable JournalFigures journalFigures() {
        return null;
    }

    /** What the write-back cache holds; null if the array has no journal or is read-only. */
    default @Nullable CacheFigures cacheFigures() {
        return null;
    }

    /** Adds the attributes of the journal and of the write-back cache. */
    void describeJournal(Map<String, String> attributes);

    /** Adds the attributes of the devices and of the newest command about members. */
    void describeDevices(Map<String, String> attributes);
}
