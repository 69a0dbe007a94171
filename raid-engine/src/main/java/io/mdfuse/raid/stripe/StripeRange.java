package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive stripes, as the half-open interval of member sectors that they occupy on every member. Both ends are
 * multiples of {@value io.mdfuse.device.Sectors#PER_BLOCK} sectors, because a stripe has one 4 KiB block on each member
 * (md's STRIPE_SECTORS).
 *
 * @param fromSector the first sector of the first stripe, 0 or more
 * @param endSector the sector behind the last stripe, greater than {@code fromSector}
 */
public record StripeRange(long fromSector, long endSector) {
    /** Every stripe that an array can have. */
    public static final StripeRange ALL = new StripeRange(0, Long.MAX_VALUE - (Sectors.PER_BLOCK - 1));

    /** Checks both ends. */
    public StripeRange {
        if (fromSector < 0
                || endSector <= fromSector
                || fromSector % Sectors.PER_BLOCK != 0
                || endSector % Sectors.PER_BLOCK != 0) {
            throw new IllegalArgumentException(
                    "sectors " + fromSector + " to " + endSector + " are not a range of stripes");
        }
    }

    /** The stripe that begins at a sector. */
    public static StripeRange ofStripe(long stripeSector) {
        return new StripeRange(stripeSector, stripeSector + Sectors.PER_BLOCK);
    }

    /** The stripes that some sectors of a member lie in; there is at least one sector. */
    public static StripeRange covering(long fromSector, long endSector) {
        return new StripeRange(
                Sectors.roundDown(fromSector, Sectors.PER_BLOCK), Sectors.roundUp(endSector, Sectors.PER_BLOCK));
    }

    /** The stripes that some bytes of a member lie in; there is at least one byte. */
    public static StripeRange coveringBytes(long memberOffsetBytes, long lengthBytes) {
        return new StripeRange(
                Sectors.roundDown(memberOffsetBytes, Sectors.BLOCK_BYTES) / Sectors.BYTES,
                Sectors.roundUp(memberOffsetBytes + lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BYTES);
    }

    /** Member sectors in the range. */
    public long sectors() {
        return endSector - fromSector;
    }

    /** Stripes in the range. */
    public long stripeCount() {
        return sectors() / Sectors.PER_BLOCK;
    }

    /** The position of the range on every member, in bytes from the start of its data. */
    public long memberOffsetBytes() {
        return Sectors.toBytes(fromSector);
    }

    /** Bytes of each member in the range. */
    public long bytesPerSlot() {
        return Sectors.toBytes(sectors());
    }

    /** True if every stripe of the other range is in this one. */
    public boolean contains(StripeRange other) {
        return fromSector <= other.fromSector && other.endSector <= endSector;
    }

    /** True if the ranges have a stripe in common. */
    public boolean intersects(StripeRange other) {
        return fromSector < other.endSector && other.fromSector < endSector;
    }

    /** The same stripes in ascending ranges of at most {@code maxStripes}, all but the last of exactly that length. */
    public List<StripeRange> split(long maxStripes) {
        List<StripeRange> parts = new ArrayList<>();
        long step = maxStripes * Sectors.PER_BLOCK;
        for (long at = fromSector; at < endSector; at += step) {
            parts.add(new StripeRange(at, Math.min(endSector, at + step)));
        }
        return parts;
    }

    @Override
    public String toString() {
        return "[" + fromSector + ", " + endSector + ")";
    }
}
