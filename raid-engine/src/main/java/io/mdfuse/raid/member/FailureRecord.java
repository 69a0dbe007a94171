package io.mdfuse.raid.member;

import java.io.IOException;

/** Where the failure of a member is written down before anything relies on it: the survivors' superblocks. */
@FunctionalInterface
public interface FailureRecord {
    /**
     * Marks the member faulty on all others, durably. Where a replacement stood beside it, that one has the slot then.
     *
     * @throws IOException where too few superblocks took it for the failure to be relied on
     */
    void recordFailure(Member member) throws IOException;
}
