package io.mdfuse.raid.statistics;

/**
 * The write journal. Positions are in bytes from the start of the ring; the log goes from the tail to the head, and on
 * from the ring's start if the head is less than the tail.
 *
 * @param device the journal device as the user named it
 * @param sizeBytes the length of the ring
 * @param usedBytes from the tail to the head
 * @param tailBytes where a recovery would begin
 * @param checkpointBytes up to where the tail can move at the next reclaim
 * @param headBytes where the next append goes
 * @param writtenBytes written to the ring since the array was opened
 * @param flushes how often the journal device was flushed
 */
public record JournalFigures(
        String device,
        long sizeBytes,
        long usedBytes,
        long tailBytes,
        long checkpointBytes,
        long headBytes,
        long writtenBytes,
        long flushes) {}
