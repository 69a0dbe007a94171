package io.mdfuse.journal;

import java.util.List;

/**
 * A valid meta block, as the scanner found it.
 *
 * @param position where it lies, and its sequence
 * @param next where the block behind it and its pages goes, and that one's sequence
 * @param records what it says, in the order in which it says it
 * @param intact whether all its pages are; otherwise the records tell which are not
 */
public record ScannedBlock(LogPosition position, LogPosition next, List<JournalRecord> records, boolean intact) {}
