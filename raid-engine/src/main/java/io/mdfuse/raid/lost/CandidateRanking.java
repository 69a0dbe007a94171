package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts candidates into order: the best score first, and of those that show the same volume the most usual shape. */
final class CandidateRanking {
    private CandidateRanking() {}

    /**
     * The best, each shape and order once.
     *
     * @param candidates in any order; two sources of clues, such as two copies of one file system, may give the same
     *     shape and order
     * @param devices how many devices there are
     * @param most how many are wanted
     */
    static List<LostArrayCandidate> best(List<LostArrayCandidate> candidates, int devices, int most) {
        List<LostShape> usual = LostShape.all(devices);
        List<List<LostArrayCandidate>> volumes = new ArrayList<>();
        candidates.stream()
                .sorted(Comparator.comparingInt(LostArrayCandidate::score).reversed())
                .forEach(candidate -> volumeOf(candidate, volumes).add(candidate));
        List<LostArrayCandidate> best = new ArrayList<>();
        for (List<LostArrayCandidate> volume : volumes) {
            // The scores within a volume differ only by what could be compared in each shape.
            volume.sort(Comparator.comparingInt(candidate -> usual.indexOf(LostShape.of(candidate.shape()))));
            volume.stream().filter(candidate -> isNew(candidate, best)).forEach(best::add);
        }
        return List.copyOf(best.subList(0, Math.min(most, best.size())));
    }

    private static List<LostArrayCandidate> volumeOf(
            LostArrayCandidate candidate, List<List<LostArrayCandidate>> volumes) {
        for (List<LostArrayCandidate> volume : volumes) {
            if (volume.getFirst().showsSameVolumeAs(candidate)) {
                return volume;
            }
        }
        List<LostArrayCandidate> created = new ArrayList<>();
        volumes.add(created);
        return created;
    }

    private static boolean isNew(LostArrayCandidate candidate, List<LostArrayCandidate> known) {
        return known.stream()
                .noneMatch(other ->
                        other.shape().equals(candidate.shape()) && other.order().equals(candidate.order()));
    }
}
