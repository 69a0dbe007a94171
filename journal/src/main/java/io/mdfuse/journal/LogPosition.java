package io.mdfuse.journal;

/**
 * A meta block of the log.
 *
 * @param sector where it lies, in sectors from the start of the log; a multiple of 8
 * @param sequence its sequence number, unsigned
 */
public record LogPosition(long sector, long sequence) {}
