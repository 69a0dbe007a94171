package io.mdfuse.raid.array;

/**
 * The steps of {@link ArrayOpening}, in their order. The method of the same name documents what a step reads, writes
 * and flushes, and what a crash leaves.
 */
enum OpeningStep {
    MAKE_MEMBERS,
    RECORD_FAILURES,
    CHECK_NEW_JOURNAL,
    REPLAY_LOG,
    RECOVER_PARTIAL_PARITY,
    READ_BITMAPS,
    START_BITMAPS,
    RESTART_REPLACEMENTS,
    RECORD_STATE,
    END_BAD_BLOCK_LISTS,
    EMPTY_PARTIAL_PARITY_LOGS,
    START_LOG,
    CONNECT_PARTS,
    START
}
