package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices that shapes are tried with, and what was found on them: those that are there, or with them the solved
 * device of {@link LostDevices}. With the solved device a RAID-4 or RAID-5 that lacks one device is complete: what the
 * missing device holds counts as much as what the others hold, also where it is empty.
 *
 * @param devices how many; the solved one is the last
 * @param hasSolved whether the last one is the solved device
 * @param sample which blocks of them hold something
 * @param presence what may be parity on them
 */
record LostSide(int devices, boolean hasSolved, StripeSample sample, ParityPresence presence) {
    private static final int MAX_CLUES_PER_REGION = 24;
    private static final long REGION = 1 << 20;

    static LostSide given(LostDevices all, StripeSample sample) {
        return of(all, false, sample.ofFirst(all.count()));
    }

    static LostSide withSolved(LostDevices all, StripeSample sample) {
        return of(all, true, sample);
    }

    private static LostSide of(LostDevices all, boolean hasSolved, StripeSample sample) {
        return new LostSide(
                sample.devices(), hasSolved, sample, new ParityPresence(sample, new AlikeBlocks(all, sample)));
    }

    /** The shapes that these devices can have, all that are not the other side's. */
    List<LostShape> shapes() {
        int given = hasSolved ? devices - 1 : devices;
        return LostShape.all(given).stream()
                .filter(shape -> hasSolved == (shape.layout().parityCount() == 1 && shape.raidDisks() == given + 1))
                .toList();
    }

    /** What these devices say, each with whether it is copied; of each region at most some. */
    List<Clue> of(List<Clue> all) {
        List<Clue> own = all.stream().filter(this::has).toList();
        return Clue.withCopies(thinned(own));
    }

    /** The clues, and heads of these devices. */
    List<Clue> with(List<Clue> clues, List<Clue> heads) {
        List<Clue> all = new ArrayList<>(clues);
        heads.stream().filter(this::has).forEach(all::add);
        return all;
    }

    private boolean has(Clue clue) {
        return clue.device() < devices;
    }

    /** At most some clues of each region, so that one full directory does not outweigh all others. */
    private static List<Clue> thinned(List<Clue> clues) {
        Map<Long, Integer> ofRegion = new HashMap<>();
        return clues.stream()
                .filter(clue -> {
                    long region = (long) clue.device() << 40 | clue.deviceBytes() / REGION;
                    return ofRegion.merge(region, 1, Integer::sum) <= MAX_CLUES_PER_REGION;
                })
                .toList();
    }

    double presenceOf(Arrangement found) {
        return presence.of(found.shape(), found.deviceOfSlot(), found.dataOffsetBytes());
    }

    /** The arrangement as parity can be checked in it: what was solved by parity is missing. */
    Arrangement toCheck(Arrangement found) {
        if (!hasSolved) {
            return found;
        }
        return found.withOrder(found.deviceOfSlot().stream()
                .map(device -> device == devices - 1 ? -1 : device)
                .toList());
    }
}
