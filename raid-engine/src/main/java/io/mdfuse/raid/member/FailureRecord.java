package io.mdfuse.raid.member;

import java.io.IOException;

/** Where the failure of a member is written down before anything relies on it: the survivors' superblocks. */
@FunctionalInterface
public interface FailureRecord {
    /**
     * Marks the member of {@code slot} faulty on all others, durably.
     *
     * @throws IOException where too few superblocks took it for the failure to be relied on
     */
    void recordFailure(int slot) throws IOException;
}
