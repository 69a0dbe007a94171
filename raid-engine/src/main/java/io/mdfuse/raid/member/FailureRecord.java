package io.mdfuse.raid.member;

import io.mdfuse.raid.event.ArrayEvent;
import java.io.IOException;

/** Records durably that a member, or some of its blocks, failed, before anything relies on it. */
@FunctionalInterface
public interface FailureRecord {
    /**
     * Marks the member faulty in the superblocks of all others, durably. If the member has a replacement, they give it
     * the slot.
     *
     * @throws IOException if too few superblocks could be written for the failure to be relied on
     */
    void recordFailure(Member member) throws IOException;

    /**
     * Stores the bad-block logs of all members as they are in memory, durably. A member whose log can't be written has
     * failed then.
     *
     * @throws IOException if the logs are not stored
     */
    default void recordBadBlocks() throws IOException {
        throw new IOException("there is no place for a list of bad blocks");
    }

    /** Reports what happened, after it was recorded. Called with locks held: must not wait. */
    default void report(ArrayEvent event) {}
}
