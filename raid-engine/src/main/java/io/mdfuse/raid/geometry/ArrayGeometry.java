package io.mdfuse.raid.geometry;

import io.mdfuse.device.Sectors;

/**
 * The arithmetic of one array: from array sector to chunk row, data index, slot and stripe, and back. Sectors are 512
 * bytes. An array sector counts from the start of the volume, a stripe sector or member sector from the data offset of
 * a member.
 *
 * <pre>
 *   chunk number  = array sector / chunk      chunk row  = chunk number / data disks
 *   offset        = array sector % chunk      data index = chunk number % data disks
 *   stripe sector = chunk row * chunk + offset      (the same on every member, counted from its data offset)
 * </pre>
 *
 * @param layout which slot of a chunk row holds P, Q and each data chunk
 * @param raidDisks the number of slots (md: raid_disks)
 * @param chunkSectors a power of two, at least 8
 * @param memberSectors how many sectors of each member are used; rounded down to whole chunks
 */
public record ArrayGeometry(ParityLayout layout, int raidDisks, int chunkSectors, long memberSectors) {
    /**
     * Checks what all methods rely on.
     *
     * @throws IllegalArgumentException if the number of slots or the chunk is not possible
     */
    public ArrayGeometry {
        if (raidDisks <= layout.parityCount() + (layout.level() == 6 ? 1 : 0)) {
            throw new IllegalArgumentException("RAID-" + layout.level() + " needs more than " + raidDisks + " disks");
        }
        if (layout.parityCount() == 2 && raidDisks > ParityLayout.MAX_SLOTS_WITH_Q) {
            throw new IllegalArgumentException("RAID-6 cannot have " + raidDisks + " disks");
        }
        if (Integer.bitCount(chunkSectors) != 1 || chunkSectors < Sectors.PER_BLOCK) {
            throw new IllegalArgumentException("chunk of " + chunkSectors + " sectors is no power of two from 8 on");
        }
        memberSectors = Sectors.roundDown(memberSectors, chunkSectors);
    }

    /** Data chunks in each chunk row. */
    public int dataDisks() {
        return raidDisks - layout.parityCount();
    }

    /** Chunk rows in the array. */
    public long rows() {
        return memberSectors / chunkSectors;
    }

    /** Array sectors in one chunk row. */
    public long rowSectors() {
        return (long) chunkSectors * dataDisks();
    }

    /** The volume's size in array sectors. */
    public long arraySectors() {
        return rows() * rowSectors();
    }

    /** The volume's size in bytes. */
    public long arrayBytes() {
        return Sectors.toBytes(arraySectors());
    }

    /** Bytes in a chunk. */
    public int chunkBytes() {
        return chunkSectors * Sectors.BYTES;
    }

    /** The chunk row of an array sector. */
    public long rowOf(long arraySector) {
        return arraySector / rowSectors();
    }

    /** The index of the data chunk, within its chunk row, that holds an array sector. */
    public int dataIndexOf(long arraySector) {
        return (int) (arraySector % rowSectors() / chunkSectors);
    }

    /** The slot that holds an array sector. */
    public int slotOf(long arraySector) {
        return dataSlot(rowOf(arraySector), dataIndexOf(arraySector));
    }

    /** The member sector, counted from the data offset, that holds an array sector. */
    public long stripeSectorOf(long arraySector) {
        return rowOf(arraySector) * chunkSectors + arraySector % chunkSectors;
    }

    /** The chunk row of a stripe. */
    public long rowOfStripe(long stripeSector) {
        return stripeSector / chunkSectors;
    }

    /**
     * How many neighbouring stripes of one chunk row fit a buffer that has a block of each slot for each stripe; at
     * least 1, also if a single stripe does not fit.
     */
    public int stripesInRun(int bufferBytes) {
        int fitting = bufferBytes / (raidDisks * Sectors.BLOCK_BYTES);
        return Math.max(1, Math.min(fitting, chunkBytes() / Sectors.BLOCK_BYTES));
    }

    /**
     * The end of the longest range of stripes that begins at {@code stripeSector}, stays in its chunk row, and has at
     * most {@code maxBytesPerMember} bytes on each member.
     */
    public long endInRow(long stripeSector, int maxBytesPerMember) {
        long rowEnd = (rowOfStripe(stripeSector) + 1) * chunkSectors;
        return Math.min(rowEnd, stripeSector + maxBytesPerMember / Sectors.BYTES);
    }

    /** The array sector that the {@code dataIndex}-th data chunk holds at a stripe sector. */
    public long arraySectorOf(long stripeSector, int dataIndex) {
        return rowOfStripe(stripeSector) * rowSectors() + (long) dataIndex * chunkSectors + stripeSector % chunkSectors;
    }

    /** The slot of the {@code dataIndex}-th data chunk of a chunk row. */
    public int dataSlot(long row, int dataIndex) {
        return layout.dataSlot(row, dataIndex, raidDisks);
    }

    /** The index of the data chunk that a slot holds in a chunk row; -1 if the slot holds parity. */
    public int dataIndex(long row, int slot) {
        return layout.dataIndex(row, slot, raidDisks);
    }

    /** The slot of P in a chunk row. */
    public int parityP(long row) {
        return layout.parityP(row, raidDisks);
    }

    /** The slot of Q in a chunk row; -1 for RAID-4 and RAID-5. */
    public int parityQ(long row) {
        return layout.parityQ(row, raidDisks);
    }

    /**
     * The exponent of the {@code dataIndex}-th data chunk of a chunk row: Q weighs the chunk by 2 to this power. From
     * 0, less than {@link #exponents}.
     */
    public int exponent(long row, int dataIndex) {
        return layout.exponent(row, dataIndex, raidDisks);
    }

    /** The upper bound of all exponents. In the DDF layouts not every lower number is the exponent of a data chunk. */
    public int exponents() {
        return layout.weighsBySlot() ? raidDisks : dataDisks();
    }

    /** The index of the data chunk of a chunk row with this exponent; -1 if no data chunk has it. */
    public int dataIndexOfExponent(long row, int exponent) {
        for (int index = 0; index < dataDisks(); index++) {
            if (exponent(row, index) == exponent) {
                return index;
            }
        }
        return -1;
    }
}
