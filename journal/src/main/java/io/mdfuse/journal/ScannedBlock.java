package io.mdfuse.journal;

import java.util.List;

/**
 * A valid meta block that a scan found.
 *
 * @param position its position and sequence
 * @param next the position and the sequence of the block behind its pages
 * @param records its payloads, in the order in which they stand in the block
 * @param intact whether all its pages have the correct checksum; if not, the records say which do
 */
public record ScannedBlock(LogPosition position, LogPosition next, List<JournalRecord> records, boolean intact) {}
