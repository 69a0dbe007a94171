package io.mdfuse.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The summary of a scan.
 *
 * @param tailValid whether a valid meta block that is not malformed is at the tail. If not, nothing was visited: the
 *     content of the log is unknown, and starting an empty log would discard it
 * @param end the position and the sequence of the next block; if the tail is not valid, the position of the tail
 * @param blockCount how many meta blocks were visited
 * @param pageCount how many pages these blocks have
 * @param damagedPages the positions of the pages of visited blocks whose checksum is wrong, in sectors from the start
 *     of the log
 * @param tornEnd a last block whose last page is damaged and which no block follows, else null: it looks like a write
 *     that a crash cut short. It was most likely never committed, and is not visited; but damage to a committed block
 *     can look the same, so the parity of its stripes should be checked
 * @param malformed the valid block at which the walk ended because it is malformed, else null: newer software may have
 *     written it, so the log must not be restarted over it
 */
public record ScanResult(
        boolean tailValid,
        LogPosition end,
        long blockCount,
        long pageCount,
        List<Long> damagedPages,
        @Nullable ScannedBlock tornEnd,
        @Nullable LogPosition malformed) {}
