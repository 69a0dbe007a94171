package io.mdfuse.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan found, beside the blocks that were visited.
 *
 * @param tailValid whether there is a meta block at the tail that is valid and makes sense; where not, nothing was
 *     visited, what the log holds is unknown, and starting an empty one would drop it
 * @param end where the next block would go and the sequence it would have; where the tail is not valid, the tail
 * @param blockCount how many blocks were visited
 * @param pageCount how many pages these blocks have
 * @param damagedPages where pages lie that belong to visited blocks and do not have the checksum promised, in sectors
 *     from the start of the log
 * @param tornEnd a last block whose pages are damaged up to its end, with nothing behind it: as a write looks that was
 *     cut short. It was most likely never committed, and is not visited; but since bit rot can look the same, the
 *     parity of its stripes deserves a check
 * @param malformed where the walk ended at a valid block that makes no sense: written by something newer. The log must
 *     not be restarted over it
 */
public record ScanResult(
        boolean tailValid,
        LogPosition end,
        long blockCount,
        long pageCount,
        List<Long> damagedPages,
        @Nullable ScannedBlock tornEnd,
        @Nullable LogPosition malformed) {}
