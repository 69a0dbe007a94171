package io.mdfuse.raid.geometry;

import io.mdfuse.device.Sectors;

/**
 * The arithmetic of one array: array sector to chunk row, data index, slot and stripe, and back.
 *
 * <pre>
 *   chunk number  = array sector / chunk      chunk row  = chunk number / data disks
 *   offset        = array sector % chunk      data index = chunk number % data disks
 *   stripe sector = chunk row * chunk + offset      (the same on every member, from its data offset on)
 * </pre>
 *
 * @param layout which slot holds what
 * @param raidDisks slots, members with parity included
 * @param chunkSectors a power of two, at least 8
 * @param memberSectors what each member holds, rounded down to whole chunks
 */
public record ArrayGeometry(ParityLayout layout, int raidDisks, int chunkSectors, long memberSectors) {
    /** Checks what every rule below relies on. */
    public ArrayGeometry {
        if (raidDisks <= layout.parityCount() + (layout.level() == 6 ? 1 : 0)) {
            throw new IllegalArgumentException("RAID-" + layout.level() + " needs more than " + raidDisks + " disks");
        }
        if (layout.parityCount() == 2 && raidDisks > ParityLayout.MOST_SLOTS_WITH_Q) {
            throw new IllegalArgumentException("RAID-6 cannot have " + raidDisks + " disks");
        }
        if (Integer.bitCount(chunkSectors) != 1 || chunkSectors < Sectors.PER_BLOCK) {
            throw new IllegalArgumentException("chunk of " + chunkSectors + " sectors is no power of two from 8 on");
        }
        memberSectors = Sectors.roundDown(memberSectors, chunkSectors);
    }

    /** Data chunks in each row. */
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

    /** Array sectors in all. */
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

    /** Which data chunk of its row an array sector lies in. */
    public int dataIndexOf(long arraySector) {
        return (int) (arraySector % rowSectors() / chunkSectors);
    }

    /** The slot that holds an array sector. */
    public int slotOf(long arraySector) {
        return dataSlot(rowOf(arraySector), dataIndexOf(arraySector));
    }

    /** The member sector (from the data offset on) that holds an array sector, whichever member that is. */
    public long stripeSectorOf(long arraySector) {
        return rowOf(arraySector) * chunkSectors + arraySector % chunkSectors;
    }

    /** The chunk row of a stripe. */
    public long rowOfStripe(long stripeSector) {
        return stripeSector / chunkSectors;
    }

    /**
     * The end of the longest range of stripes from one on that stays in its chunk row, with so many bytes of each
     * member.
     */
    public long endInRow(long stripeSector, int mostBytesPerMember) {
        long rowEnd = (rowOfStripe(stripeSector) + 1) * chunkSectors;
        return Math.min(rowEnd, stripeSector + mostBytesPerMember / Sectors.BYTES);
    }

    /** The array sector of a data chunk's place in a stripe. */
    public long arraySectorOf(long stripeSector, int dataIndex) {
        return rowOfStripe(stripeSector) * rowSectors() + (long) dataIndex * chunkSectors + stripeSector % chunkSectors;
    }

    /** The slot of the {@code dataIndex}-th data chunk of a row. */
    public int dataSlot(long row, int dataIndex) {
        return layout.dataSlot(row, dataIndex, raidDisks);
    }

    /** Which data chunk a slot holds in a row; -1 where it holds parity. */
    public int dataIndex(long row, int slot) {
        return layout.dataIndex(row, slot, raidDisks);
    }

    /** The slot of P in a row. */
    public int parityP(long row) {
        return layout.parityP(row, raidDisks);
    }

    /** The slot of Q in a row; -1 where the level has none. */
    public int parityQ(long row) {
        return layout.parityQ(row, raidDisks);
    }

    /** The power of two with which Q weighs the {@code dataIndex}-th data chunk of a row; see {@link #exponents}. */
    public int exponent(long row, int dataIndex) {
        return layout.exponent(row, dataIndex, raidDisks);
    }

    /** All exponents are lower; not each has a data chunk. */
    public int exponents() {
        return layout.weighsBySlot() ? raidDisks : dataDisks();
    }

    /** Which data chunk of a row has this exponent; -1 where none has. */
    public int dataIndexOfExponent(long row, int exponent) {
        for (int index = 0; index < dataDisks(); index++) {
            if (exponent(row, index) == exponent) {
                return index;
            }
        }
        return -1;
    }
}
