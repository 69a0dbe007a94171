package io.mdfuse.journal;

/**
 * A part of the log whose content is lost because a meta block is damaged: without that block the positions and
 * checksums of its pages are unknown, and so is the position of the block behind them.
 *
 * @param lost the position of the damaged meta block, and the sequence that it must have had
 * @param resumed the next valid block; {@code resumed.sequence() - lost.sequence()} meta blocks are lost
 */
public record ScannedGap(LogPosition lost, LogPosition resumed) {}
