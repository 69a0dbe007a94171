package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * The reading side of the log: walks from the tail, block after block, and gives each its verdict.
 *
 * <table>
 *   <caption>What becomes of the block at the place where the next one is expected</caption>
 *   <tr><th>meta block</th><th>its pages</th><th>behind them</th><th>verdict</th></tr>
 *   <tr><td>not valid</td><td></td><td></td><td>the end of the log; at the tail: the log is unreadable</td></tr>
 *   <tr><td>malformed</td><td></td><td></td><td>the end, and reported</td></tr>
 *   <tr><td>valid</td><td>all sound, or none</td><td>anything</td><td>sound: visited</td></tr>
 *   <tr><td>valid</td><td>some damaged, a later one sound</td><td>anything</td><td>damaged: visited</td></tr>
 *   <tr><td>valid</td><td>damaged up to its end</td><td>a valid block</td><td>damaged: visited</td></tr>
 *   <tr><td>valid</td><td>damaged up to its end</td><td>none</td><td>torn end: not visited, and reported</td></tr>
 * </table>
 *
 * <p>A write that was cut short lacks its end, and nothing follows it; anything else is damage to what had been
 * committed, and costs those pages alone: the walk goes on behind them. The block at the tail is never a torn end,
 * since the tail is only ever moved to a block that is durable with its pages.
 *
 * <p>On request the walk goes on behind a damaged meta block as well, which then is a {@link ScannedGap}, and not the
 * end.
 *
 * <p>A page that the device cannot read ends the scan with the device's error: nobody knows then what it held.
 *
 * <p>The scanner writes nothing and keeps nothing; time and memory are linear in what the log holds.
 */
public final class JournalScanner {
    private final LogArea area;
    private final LogChecksum checksum;

    public JournalScanner(LogArea area, LogChecksum checksum) {
        this.area = area;
        this.checksum = checksum;
    }

    /**
     * Walks the log once, at most all the way around.
     *
     * @param tailSector where the superblock says that the log begins; where that is no place in the log, it begins at
     *     0, as md has it
     * @throws DeviceException where the device cannot be read
     * @throws IOException what the visitor throws
     */
    public ScanResult scan(long tailSector, BlockVisitor visitor) throws IOException {
        return scan(tailSector, visitor, false);
    }

    /**
     * As {@link #scan(long, BlockVisitor)}, and where the next block is not valid, whether or not it was damaged, the
     * ring behind it is searched for the first later block of the same log: one that lies where it says, is newer than
     * the lost one, but not by more than there were places for blocks between them, nor by a restart, and has the right
     * checksum. What was written in one batch and torn apart by a power failure may come up so, too.
     *
     * @param searchGaps false: the log ends at the first block that is not valid, as md has it
     */
    public ScanResult scan(long tailSector, BlockVisitor visitor, boolean searchGaps) throws IOException {
        long startSector = area.isBlockSector(tailSector) ? tailSector : 0;
        try (Arena arena = Arena.ofConfined()) {
            LogReadAhead log = new LogReadAhead(area, arena);
            return new LogWalk(area, checksum, log, startSector, searchGaps).walk(visitor);
        }
    }
}
