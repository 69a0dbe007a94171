package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Looks at stripes all over a RAID-6 before a repair, and finds the member that a repair would rewrite nearly
 * everywhere, or in a long part of the array.
 *
 * <p>A repair believes that the one block that does not fit all others is the wrong one. That holds if single blocks
 * decayed. It does not hold if the parity never fitted: an array that was created with {@code --assume-clean} while one
 * member had old content names that member in every stripe, also where the member has been written since by
 * difference, and "repaired" is then what was written. If the member itself lost its content, to replace it is right as
 * well. So such a repair is not begun; {@link ScrubAction#FORCED_REPAIR} and {@link ScrubAction#PARITY_REPAIR} do not
 * ask.
 *
 * <pre>
 *   stripes looked at      all, or SAMPLES of them at random places, the same number in each of ZONES equal parts
 *   refused, the array     one slot is named in more than a quarter of them, and in ENOUGH_NAMED at least
 *   refused, a part        one slot is named in more than half of a part that has 64 MiB of each member or more
 * </pre>
 *
 * Old content that fills less than that is not noticed.
 */
final class RepairSurvey {
    /** Enough to notice one part of sixteen, few enough to read in some seconds from slow disks. */
    static final int SAMPLES = 1024;

    private static final int ZONES = 16;
    private static final int ENOUGH_NAMED = 64;
    private static final long LEAST_ZONE_SECTORS = 64 * 1024 * 1024 / Sectors.BYTES;

    /** Compares the stripes of a range of member sectors; the result is empty if all fit. */
    interface Comparison {
        List<Mismatch> of(long fromSector, long endSector) throws IOException, InterruptedException;
    }

    /**
     * The slot that is named too often.
     *
     * @param named in how many stripes
     * @param compared of how many stripes
     * @param fromSector the part of the members to which the numbers belong
     */
    record Suspect(int slot, int named, int compared, long fromSector, long endSector) {}

    private final int slots;
    private final long memberSectors;

    /** @param slots the number of slots of the array */
    RepairSurvey(int slots, long memberSectors) {
        this.slots = slots;
        this.memberSectors = memberSectors;
    }

    /** The slots named too often, for the whole array or else for parts of it; empty if a repair may begin. */
    List<Suspect> suspects(Comparison comparison) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(memberSectors);
        int[] namedInAll = new int[slots];
        int comparedInAll = 0;
        List<Suspect> suspects = new ArrayList<>();
        for (int zone = 0; zone < ZONES; zone++) {
            long from = zoneStart(zone);
            long end = zoneStart(zone + 1);
            int[] named = new int[slots];
            int compared = 0;
            for (long sector : samples(from, end, random)) {
                OptionalInt slot = lying(comparison.of(sector, sector + Sectors.PER_BLOCK));
                compared++;
                if (slot.isPresent()) {
                    named[slot.getAsInt()]++;
                    namedInAll[slot.getAsInt()]++;
                }
            }
            comparedInAll += compared;
            for (int slot = 0; slot < slots; slot++) {
                if (end - from >= LEAST_ZONE_SECTORS && named[slot] * 2 > compared) {
                    suspects.add(new Suspect(slot, named[slot], compared, from, end));
                }
            }
        }
        for (int slot = 0; slot < slots; slot++) {
            if (namedInAll[slot] >= ENOUGH_NAMED && namedInAll[slot] * 4 > comparedInAll) {
                return List.of(new Suspect(slot, namedInAll[slot], comparedInAll, 0, memberSectors));
            }
        }
        return suspects;
    }

    private long zoneStart(int zone) {
        return Sectors.roundDown(
                memberSectors / ZONES * zone + memberSectors % ZONES * zone / ZONES, Sectors.PER_BLOCK);
    }

    /** The first sectors of the stripes to look at: all of the zone, or one of each equal part of it. */
    private static List<Long> samples(long from, long end, SplittableRandom random) {
        long stripes = (end - from) / Sectors.PER_BLOCK;
        long wanted = Math.min(stripes, SAMPLES / ZONES);
        List<Long> samples = new ArrayList<>();
        for (long i = 0; i < wanted; i++) {
            long first = stripes * i / wanted;
            long next = stripes * (i + 1) / wanted;
            samples.add(from + random.nextLong(first, next) * Sectors.PER_BLOCK);
        }
        return samples;
    }

    private static OptionalInt lying(List<Mismatch> found) {
        return found.stream()
                .map(Mismatch::verdict)
                .filter(verdict -> verdict.kind() == StripeVerdict.Kind.LIES)
                .mapToInt(StripeVerdict::slot)
                .findFirst();
    }
}
