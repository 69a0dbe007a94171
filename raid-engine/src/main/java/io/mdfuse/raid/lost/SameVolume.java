package io.mdfuse.raid.lost;

import java.util.List;

/**
 * Compares where two shapes put the data. RAID-4 is {@code parity-first} with the order turned, and RAID-5 is a RAID-6
 * of a {@code -6} layout whose Q is missing: no byte on the devices tells which of the two an array was, and both show
 * the same volume.
 */
final class SameVolume {
    private SameVolume() {}

    /**
     * True if every chunk has the same place in both; the start of the data is not compared.
     *
     * @param order what is in each slot of {@code shape}, in any names that both orders share
     */
    static <T> boolean of(LostShape shape, List<T> order, LostShape other, List<T> otherOrder) {
        if (shape.chunkBytes() != other.chunkBytes() || shape.dataDisks() != other.dataDisks()) {
            return false;
        }
        // Each layout repeats itself after as many rows as it has slots, or after one row less.
        int rows = shape.raidDisks() * (shape.raidDisks() - 1) * other.raidDisks() * (other.raidDisks() - 1);
        for (int row = 0; row < rows; row++) {
            for (int index = 0; index < shape.dataDisks(); index++) {
                T one = order.get(shape.layout().dataSlot(row, index, shape.raidDisks()));
                T two = otherOrder.get(other.layout().dataSlot(row, index, other.raidDisks()));
                if (!one.equals(two)) {
                    return false;
                }
            }
        }
        return true;
    }
}
