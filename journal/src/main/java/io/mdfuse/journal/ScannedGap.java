package io.mdfuse.journal;

/**
 * A part of the log that cannot be read: a meta block in it is damaged, and with it went the places and checksums of
 * its pages, and where the block after it lies.
 *
 * @param lost where the damaged meta block lies, and the sequence it must have had
 * @param resumed the next valid block; there were {@code resumed.sequence() - lost.sequence()} blocks between
 */
public record ScannedGap(LogPosition lost, LogPosition resumed) {}
