package io.mdfuse.raid.lost;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A block of a file system that says, or whose checksum says, at which byte of the volume it belongs.
 *
 * @param device the index of the device on which it was found
 * @param deviceBytes its place on the device
 * @param volumeBytes its place in the volume, from the start of the file system
 * @param copied true if the same block lies on another device too: one of them is then parity, of a stripe that is
 *     empty otherwise
 */
record Clue(int device, long deviceBytes, long volumeBytes, boolean copied) {
    Clue(int device, long deviceBytes, long volumeBytes) {
        this(device, deviceBytes, volumeBytes, false);
    }

    /** The clues, each with whether it is copied. */
    static List<Clue> withCopies(List<Clue> clues) {
        Map<Long, Map<Long, Integer>> counts = new HashMap<>();
        for (Clue clue : clues) {
            counts.computeIfAbsent(clue.volumeBytes, place -> new HashMap<>()).merge(clue.deviceBytes, 1, Integer::sum);
        }
        return clues.stream()
                .map(clue -> new Clue(
                        clue.device,
                        clue.deviceBytes,
                        clue.volumeBytes,
                        counts.getOrDefault(clue.volumeBytes, Map.of()).getOrDefault(clue.deviceBytes, 0) > 1))
                .toList();
    }
}
