package io.mdfuse.journal;

import java.lang.foreign.MemorySegment;

/**
 * The new blocks of one slot in a {@link StripeRun}.
 *
 * @param arraySector the array sector of the first block; block i lies at {@code arraySector + 8 * i}
 * @param pages one 4 KiB block for each stripe of the run
 */
public record DataColumn(long arraySector, MemorySegment pages) {}
