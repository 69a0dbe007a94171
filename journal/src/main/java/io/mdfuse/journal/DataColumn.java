package io.mdfuse.journal;

import java.lang.foreign.MemorySegment;

/**
 * The new blocks of one data slot in a {@link StripeRun}.
 *
 * @param arraySector the array sector of the first block; that of block i is {@code arraySector + 8 * i}
 * @param pages one block of 4 KiB for each stripe of the run
 */
public record DataColumn(long arraySector, MemorySegment pages) {}
