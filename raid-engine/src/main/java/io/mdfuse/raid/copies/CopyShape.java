package io.mdfuse.raid.copies;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the layout of an array from its freshest superblock and the sizes of its members, or refuses it in one line.
 * The superblock need not have been checked before.
 */
public final class CopyShape {
    /** A volume is no longer, in sectors: bytes then fit into a long, and no sum of sizes overflows. */
    private static final long MOST_SECTORS = 1L << 53;

    /** Bits of a RAID-10 layout that have a meaning. */
    private static final int KNOWN_BITS = 19;

    private final String array;
    private final Superblock reference;

    private final @Nullable StripeOrder chosen;

    private CopyShape(String array, Superblock reference, @Nullable StripeOrder chosen) {
        this.array = array;
        this.reference = reference;
        this.chosen = chosen;
    }

    /**
     * The layout.
     *
     * @param array how messages call the array
     * @param memberSectors by slot the sectors that each member has for data; used by RAID-0 and linear alone
     * @param chosen the order of a RAID-0 whose members differ in size, if the user gives it; null for that of the
     *     superblock
     * @throws ArrayRefusedException CORRUPT, UNSUPPORTED or UNSAFE if the superblock describes no layout that is served
     */
    public static CopyLayout layout(
            String array, CopyLevel level, Superblock reference, List<Long> memberSectors, @Nullable StripeOrder chosen)
            throws ArrayRefusedException {
        CopyShape shape = new CopyShape(array, reference, chosen);
        shape.checkNumbers(level);
        return switch (level) {
            case RAID1 -> shape.mirror();
            case RAID10 -> shape.nearFar();
            case RAID0 -> shape.striped(memberSectors);
            case LINEAR -> shape.concatenated(memberSectors);
        };
    }

    private void checkNumbers(CopyLevel level) throws ArrayRefusedException {
        int slots = reference.raidDisks();
        if (slots < 1 || slots > reference.maxDev()) {
            throw refused(Reason.CORRUPT, "level " + level.mdName() + " with " + slots + " slots");
        }
        long chunk = reference.chunkSectors();
        boolean wrong = switch (level) {
            case RAID0 -> chunk < 1;
            case RAID10 -> chunk < Sectors.PER_BLOCK || Long.bitCount(chunk) != 1;
            case LINEAR -> chunk < 0;
            case RAID1 -> false;
        };
        if (wrong) {
            throw refused(Reason.CORRUPT, "level " + level.mdName() + " with a chunk of " + chunk + " sectors");
        }
        if (level.keepsCopies() && reference.usedSectors() < 1) {
            throw refused(
                    Reason.CORRUPT, "a used size of " + Long.toUnsignedString(reference.usedSectors()) + " sectors");
        }
    }

    private CopyLayout mirror() throws ArrayRefusedException {
        requireServedSize(reference.usedSectors());
        return new MirrorLayout(reference.raidDisks(), reference.usedSectors());
    }

    private CopyLayout nearFar() throws ArrayRefusedException {
        int slots = reference.raidDisks();
        CopyCounts counts = CopyCounts.of(reference.layout());
        String layout = "layout 0x" + Integer.toHexString(reference.layout()) + " of " + slots + " slots";
        if (reference.layout() >>> KNOWN_BITS != 0 || counts.farSets() > 2) {
            throw refused(Reason.UNSUPPORTED, layout + " is not known to mdfuse");
        }
        if (counts.copies() < 2 || counts.copies() > slots) {
            throw refused(Reason.CORRUPT, layout + " keeps " + counts.copies() + " copies");
        }
        if (!NearFarLayout.isSound(counts, slots)) {
            throw refused(Reason.UNSUPPORTED, layout + " is one in which md writes chunks over each other");
        }
        if (reference.usedSectors() > MOST_SECTORS / slots) {
            requireServedSize(Long.MAX_VALUE);
        }
        NearFarLayout made = new NearFarLayout(counts, slots, reference.chunkSectors(), reference.usedSectors());
        if (made.volumeSectors() == 0) {
            throw refused(Reason.CORRUPT, "members of " + reference.usedSectors() + " sectors hold no chunk");
        }
        return made;
    }

    private CopyLayout striped(List<Long> memberSectors) throws ArrayRefusedException {
        long chunk = reference.chunkSectors();
        requireServedSum(memberSectors);
        for (int slot = 0; slot < memberSectors.size(); slot++) {
            if (memberSectors.get(slot) < chunk) {
                throw refused(Reason.CORRUPT, "the member of slot " + slot + " has no room for a chunk");
            }
        }
        return new StripedZones(memberSectors, chunk, order(StripedZones.zoneCount(memberSectors, chunk)));
    }

    private StripeOrder order(long zones) throws ArrayRefusedException {
        if (zones == 1) {
            return storedOrder(reference).orElse(StripeOrder.ORIGINAL);
        }
        Optional<StripeOrder> found = chosen != null ? Optional.of(chosen) : storedOrder(reference);
        return found.orElseThrow(() -> refused(
                Reason.UNSAFE,
                "its members differ in size, and its superblocks do not say whether a kernel before 3.14 wrote it"
                        + " (--raid0-layout original) or a later one (--raid0-layout alternate), which place its data"
                        + " differently: say which, and look whether the content is right"));
    }

    /** The order of a RAID-0 that the superblock says; empty if it says none. */
    public static Optional<StripeOrder> storedOrder(Superblock reference) {
        return reference.hasFeature(Features.RAID0_LAYOUT) ? StripeOrder.of(reference.layout()) : Optional.empty();
    }

    private CopyLayout concatenated(List<Long> memberSectors) throws ArrayRefusedException {
        requireServedSum(memberSectors);
        Concatenation made = new Concatenation(memberSectors, reference.chunkSectors());
        if (made.volumeSectors() == 0) {
            throw refused(Reason.CORRUPT, "its members have no room for data");
        }
        return made;
    }

    private void requireServedSum(List<Long> memberSectors) throws ArrayRefusedException {
        long sum = 0;
        for (long sectors : memberSectors) {
            sum += sectors;
            requireServedSize(sum);
        }
    }

    private void requireServedSize(long sectors) throws ArrayRefusedException {
        if (sectors > MOST_SECTORS) {
            throw refused(
                    Reason.CORRUPT, "its volume would be longer than " + Sectors.toBytes(MOST_SECTORS) + " bytes");
        }
    }

    private ArrayRefusedException refused(Reason reason, String what) {
        return new ArrayRefusedException(reason, array + ": " + what);
    }
}
