package io.mdfuse.journal;

/**
 * Where the log stands, at one moment. All values are in sectors of 512 bytes; positions count from the start of the
 * ring.
 *
 * @param capacitySectors the length of the ring
 * @param usedSectors from the tail to the head
 * @param tailSector where a recovery would begin
 * @param checkpointSector up to where the tail can move at the next reclaim
 * @param headSector where the next append goes
 * @param writtenSectors how many were written since the journal was started, those at the ring's start included again
 * @param flushes how often the device was flushed
 */
public record JournalStatus(
        long capacitySectors,
        long usedSectors,
        long tailSector,
        long checkpointSector,
        long headSector,
        long writtenSectors,
        long flushes) {}
