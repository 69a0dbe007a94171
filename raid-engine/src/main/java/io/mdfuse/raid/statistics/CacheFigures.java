package io.mdfuse.raid.statistics;

/**
 * The write-back cache.
 *
 * @param limitStripes how many stripes the cache may hold
 * @param usedStripes how many it holds or has reserved for requests under way
 * @param fullStripes stripes of which every data block is cached: parity can be made without a read
 * @param partialStripes stripes of which some data blocks are cached
 * @param memoryBytes the memory that the cache has allocated so far; it is reused
 */
public record CacheFigures(int limitStripes, int usedStripes, int fullStripes, int partialStripes, long memoryBytes) {}
