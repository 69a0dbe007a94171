package io.mdfuse.raid.superblock;

/**
 * What a partial parity log says of some stripes of one chunk row that were about to be written.
 *
 * <pre>
 *   stripes      |<---- partial parity ---->|
 *   data k       |##########################|    the first written chunk, from dataSector on
 *   data k + 1   |##########################|    the next ones, a chunk of the array further on each
 * </pre>
 *
 * The partial parity is the XOR of the data that was <em>not</em> about to be written, so parity is its XOR with
 * whatever the written blocks hold now, old or new. There is none where all data was written.
 *
 * @param dataSector the first array sector that was about to be written
 * @param partialBytes how much partial parity was logged
 * @param dataBytes how much data was about to be written, over all members
 * @param paritySlot who holds the parity, and this log
 * @param checksum CRC-32C of the partial parity
 */
public record PplEntry(long dataSector, long partialBytes, long dataBytes, int paritySlot, int checksum) {}
