package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * The reading side of the log: walks from the tail, block after block, and decides for each whether it is part of the
 * log.
 *
 * <table>
 *   <caption>The verdict for the block at the position where the next meta block is expected</caption>
 *   <tr><th>meta block</th><th>its pages</th><th>behind them</th><th>verdict</th></tr>
 *   <tr><td>not valid</td><td></td><td></td><td>the end of the log; at the tail: the log is unreadable</td></tr>
 *   <tr><td>malformed</td><td></td><td></td><td>the end, and reported</td></tr>
 *   <tr><td>valid</td><td>all intact, or none</td><td>anything</td><td>intact: visited</td></tr>
 *   <tr><td>valid</td><td>some damaged, the last one intact</td><td>anything</td><td>damaged: visited</td></tr>
 *   <tr><td>valid</td><td>the last one damaged</td><td>a valid block</td><td>damaged: visited</td></tr>
 *   <tr><td>valid</td><td>the last one damaged</td><td>none</td><td>torn end: not visited, and reported</td></tr>
 * </table>
 *
 * <p>A write that a crash cut short lacks its last pages, and no block follows it. Every other damage has hit content
 * that was committed: only the damaged pages are lost, and the walk continues behind them. The block at the tail is
 * never a torn end, since the tail is moved only to a block that is durable with its pages.
 *
 * <p>On request the walk continues behind a damaged meta block as well: that is a {@link ScannedGap} and not the end.
 *
 * <p>If the device can't read a page, the scan ends with the device's error, since the content of that page is unknown.
 *
 * <p>The scanner writes nothing and has no state between scans; the time of a scan, and the memory of its result, are
 * linear in the content of the log. While a scan runs, the log must not be written.
 */
public final class JournalScanner {
    private final LogArea area;
    private final LogChecksum checksum;

    /** @param checksum with the UUID of the array, without which no block is valid */
    public JournalScanner(LogArea area, LogChecksum checksum) {
        this.area = area;
        this.checksum = checksum;
    }

    /**
     * Walks the log once, at most once around the ring. The log ends at the first block that is not valid.
     *
     * @param tailSector the tail of the superblock (md: journal_tail); if no block of the ring begins there, the walk
     *     begins at 0, as in md
     * @param visitor called for each valid block, in log order, by the calling thread
     * @throws DeviceException if the device can't be read
     * @throws IOException if the visitor throws it
     */
    public ScanResult scan(long tailSector, BlockVisitor visitor) throws IOException {
        return scan(tailSector, visitor, false);
    }

    /**
     * As {@link #scan(long, BlockVisitor)}, but if the next block is not valid, the ring behind it is searched for the
     * first later block of the same log. Such a block is valid at its position, and its sequence is newer than that of
     * the lost block, but neither by more than the number of blocks between the two positions, nor by
     * {@link LogPosition#RESTART_SEQUENCE_GAP} or more. The search also finds blocks of a batch that a power failure
     * tore apart.
     *
     * @param searchGaps false: the log ends at the first block that is not valid, as in md
     */
    public ScanResult scan(long tailSector, BlockVisitor visitor, boolean searchGaps) throws IOException {
        long startSector = area.isBlockSector(tailSector) ? tailSector : 0;
        try (Arena arena = Arena.ofConfined()) {
            LogReadAhead log = new LogReadAhead(area, arena);
            return new LogWalk(area, checksum, log, startSector, searchGaps).walk(visitor);
        }
    }
}
