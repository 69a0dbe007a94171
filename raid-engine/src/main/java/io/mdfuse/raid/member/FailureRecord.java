package io.mdfuse.raid.member;

import io.mdfuse.raid.event.ArrayEvent;
import java.io.IOException;

/** Where the failure of a member, or of some of its blocks, is written down before anything relies on it. */
@FunctionalInterface
public interface FailureRecord {
    /**
     * Marks the member faulty on all others, durably. Where a replacement stood beside it, that one has the slot then.
     *
     * @throws IOException where too few superblocks took it for the failure to be relied on
     */
    void recordFailure(Member member) throws IOException;

    /**
     * Brings all members' bad-block logs to what is known, durably; a member whose log does not take it has failed
     * then.
     *
     * @throws IOException where it is not on record
     */
    default void recordBadBlocks() throws IOException {
        throw new IOException("there is no place for a list of bad blocks");
    }

    /** Passes on what happened, once it is on record. Called with locks held: it must not wait. */
    default void tell(ArrayEvent event) {}
}
