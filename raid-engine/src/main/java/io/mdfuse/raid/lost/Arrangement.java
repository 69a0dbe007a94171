package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of the devices, and the start of the data, with which the most clues of one shape agree.
 *
 * @param deviceOfSlot the index of the device in each slot; -1 for a slot whose device is missing
 * @param dataOffsetBytes where the data begins on each device; -1 if no clue agrees
 * @param baseBytes the place of the file system in the volume
 * @param agreeing the votes of the clues for this order
 * @param openSlots the slots that no clue names, ascending: the order of their devices is a guess
 */
record Arrangement(
        LostShape shape,
        List<Integer> deviceOfSlot,
        long baseBytes,
        long dataOffsetBytes,
        int agreeing,
        List<Integer> openSlots) {
    private static final int IMPOSSIBLE = Integer.MIN_VALUE / 2;

    /**
     * The best arrangement of a shape: most votes of clues, less what contradicts {@link ParityPresence}.
     *
     * @param baseBytes the place of the file system in the volume
     */
    static Arrangement of(LostShape shape, int devices, List<Clue> clues, long baseBytes, ParityPresence presence) {
        long offset = commonOffset(shape, clues, baseBytes);
        int[][] votes = new int[shape.raidDisks()][devices];
        for (Clue clue : clues) {
            long volume = clue.volumeBytes() + baseBytes;
            if (clue.deviceBytes() - shape.memberBytes(volume) == offset) {
                votes[shape.slotOf(volume)][clue.device()]++;
                if (clue.copied()) {
                    votes[shape.slotOfP(volume)][clue.device()]++;
                }
            }
        }
        int[][] weights = offset < 0 ? votes : presence.lowered(votes, shape, offset);
        return assign(shape, votes, weights, baseBytes, offset);
    }

    /** The start of the data that most clues imply. */
    private static long commonOffset(LostShape shape, List<Clue> clues, long baseBytes) {
        Map<Long, Integer> counts = new HashMap<>();
        long best = -1;
        int most = 0;
        for (Clue clue : clues) {
            long offset = clue.deviceBytes() - shape.memberBytes(clue.volumeBytes() + baseBytes);
            int count = offset < 0 ? 0 : counts.merge(offset, 1, Integer::sum);
            if (count > most) {
                most = count;
                best = offset;
            }
        }
        return best;
    }

    /** Over all slots and sets of devices: the assignment with the most weight. */
    private static Arrangement assign(LostShape shape, int[][] votes, int[][] weights, long baseBytes, long offset) {
        int slots = votes.length;
        int devices = votes[0].length;
        int missing = slots - devices;
        int sets = 1 << devices;
        int[][] best = new int[slots + 1][sets];
        int[][] chosen = new int[slots + 1][sets];
        for (int[] row : best) {
            Arrays.fill(row, IMPOSSIBLE);
        }
        best[0][0] = 0;
        for (int slot = 0; slot < slots; slot++) {
            for (int set = 0; set < sets; set++) {
                if (best[slot][set] == IMPOSSIBLE) {
                    continue;
                }
                if (slot - Integer.bitCount(set) < missing && best[slot][set] > best[slot + 1][set]) {
                    best[slot + 1][set] = best[slot][set];
                    chosen[slot + 1][set] = -1;
                }
                for (int device = 0; device < devices; device++) {
                    int with = set | 1 << device;
                    int sum = best[slot][set] + weights[slot][device];
                    if (with != set && sum > best[slot + 1][with]) {
                        best[slot + 1][with] = sum;
                        chosen[slot + 1][with] = device;
                    }
                }
            }
        }
        Integer[] order = new Integer[slots];
        List<Integer> open = new ArrayList<>();
        int agreeing = 0;
        int set = sets - 1;
        for (int slot = slots; slot > 0; slot--) {
            int device = chosen[slot][set];
            order[slot - 1] = device;
            agreeing += device < 0 ? 0 : votes[slot - 1][device];
            if (device < 0 || votes[slot - 1][device] == 0) {
                open.addFirst(slot - 1);
            }
            set = device < 0 ? set : set & ~(1 << device);
        }
        return new Arrangement(shape, List.of(order), baseBytes, offset, agreeing, open);
    }

    /** Whether the other puts every chunk of the volume into the same place of the same device. */
    boolean hasSameData(Arrangement other) {
        return dataOffsetBytes == other.dataOffsetBytes
                && SameVolume.of(shape, deviceOfSlot, other.shape, other.deviceOfSlot);
    }

    int missing() {
        return (int) deviceOfSlot.stream().filter(device -> device < 0).count();
    }

    /** How many places of the volume lie where this arrangement puts them, of those that {@code clues} name. */
    int agreeingPlaces(List<Clue> clues) {
        return (int) clues.stream()
                .filter(this::agrees)
                .mapToLong(Clue::volumeBytes)
                .distinct()
                .count();
    }

    private boolean agrees(Clue clue) {
        long volume = clue.volumeBytes() + baseBytes;
        return clue.deviceBytes() - shape.memberBytes(volume) == dataOffsetBytes
                && deviceOfSlot.get(shape.slotOf(volume)) == clue.device();
    }

    /** How many slots a clue names. */
    int certainSlots() {
        return shape.raidDisks() - openSlots.size();
    }

    Arrangement withOrder(List<Integer> order) {
        return new Arrangement(shape, List.copyOf(order), baseBytes, dataOffsetBytes, agreeing, openSlots);
    }
}
