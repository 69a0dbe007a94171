package io.mdfuse.raid.superblock;

/**
 * One entry of a partial parity log: some stripes of one chunk row that were about to be written (Linux
 * {@code struct ppl_header_entry}).
 *
 * <pre>
 *   stripes      |<---- partial parity ---->|
 *   data k       |##########################|    the first written chunk, from dataSector
 *   data k + 1   |##########################|    the following ones, each at the next chunk of the array
 * </pre>
 *
 * The partial parity is the XOR of the data that the write leaves unchanged. The XOR of the partial parity with the
 * written blocks as they are now, old or new, is the correct parity. An entry for which all data was written has no
 * partial parity.
 *
 * @param dataSector the first array sector that was about to be written
 * @param partialBytes length of the logged partial parity
 * @param dataBytes length of the data that was about to be written, over all members
 * @param paritySlot the slot of the member with the parity, which also has this log
 * @param checksum CRC-32C of the partial parity
 */
public record PplEntry(long dataSector, long partialBytes, long dataBytes, int paritySlot, int checksum) {}
