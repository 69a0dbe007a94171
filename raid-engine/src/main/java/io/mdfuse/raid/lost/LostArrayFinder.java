package io.mdfuse.raid.lost;

import io.mdfuse.device.BlockDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * Finds the shape of an array and the order of its devices from what lies on them, without superblocks. It only reads.
 *
 * <pre>
 *   1 {@link ContentSearch}   the first part of each device: which file systems are there
 *   2 {@link ClueSource}      all of each device: blocks that say where in the volume they belong
 *   3 {@link Arrangement}     for each {@link LostShape} the start of the data and the order that most of them imply
 *   4 {@link ParityFit}       of the best: does the parity fit; it also decides what the blocks leave open
 *   5 {@link BlindSearch}     if no file system was found: by parity and by how the content flows
 * </pre>
 *
 * <p>A block says more than its own place: two of them whose distance in the volume and on the devices is known leave
 * few chunks and numbers of disks, and each of them puts its device into one slot. A parity block looks like a data
 * block if all others of its stripe are zeros; such a block disagrees with the right shape, and with most others too.
 */
public final class LostArrayFinder {
    /** More devices would make too many orders; md's arrays rarely have more. */
    public static final int MAX_DEVICES = 16;

    private static final int MAX_CANDIDATES = 5;
    private static final int CHECKED = 60;
    private static final int MAX_CLUES_PER_REGION = 24;
    private static final long REGION = 1 << 20;
    private static final double PARITY_IS_RIGHT = 0.9;
    /** Clues by which the starts of file systems are compared, before all clues are used. */
    private static final int QUICK_CLUES = 300;

    private static final int MAX_STARTS = 2;
    /** With fewer, the search without a file system is made too. */
    private static final int ENOUGH_CLUES = 6;

    private final LostDevices devices;
    private final StripeSample sample;
    private final ParityFit fit;
    private final OrderSearch orders;
    private final VolumeStarts starts;
    private final ParityPresence presence;

    private LostArrayFinder(LostDevices devices, StripeSample sample, VolumeStarts starts) {
        this.devices = devices;
        this.starts = starts;
        this.presence = new ParityPresence(sample, new AlikeBlocks(devices, sample));
        this.sample = sample;
        this.fit = new ParityFit(devices, sample.places());
        this.orders = new OrderSearch(fit);
    }

    /**
     * The candidates, best first; empty if nothing on the devices tells one shape from others.
     *
     * @param devices at most {@link #MAX_DEVICES}; they stay open
     * @param progress gets how much has been read, from 0 to 1
     */
    public static List<LostArrayCandidate> find(List<? extends BlockDevice> devices, DoubleConsumer progress) {
        try (LostDevices all = new LostDevices(devices)) {
            ContentSearch content = new ContentSearch();
            content.search(all, part -> progress.accept(part * ContentSearch.SHARE));
            List<ClueSource> sources = content.found();
            StripeSample sample = new StripeSample(all.count());
            BlockTextures textures = new BlockTextures(all.count());
            all.visit(
                    Long.MAX_VALUE,
                    (device, at, block) -> {
                        sample.note(device, at);
                        textures.note(device, at, block);
                        sources.forEach(source -> source.look(device, at, block));
                    },
                    part -> progress.accept(ContentSearch.SHARE + part * (1 - ContentSearch.SHARE)));
            LostArrayFinder finder = new LostArrayFinder(all, sample, content.starts());
            List<LostArrayCandidate> candidates = new ArrayList<>();
            for (ClueSource source : sources) {
                candidates.addAll(finder.candidates(source));
            }
            boolean sure = candidates.stream().anyMatch(candidate -> candidate.agreeing() >= ENOUGH_CLUES);
            if (!sure) {
                candidates.addAll(finder.withoutFileSystem(textures));
            }
            candidates.sort(Comparator.comparingInt(LostArrayCandidate::score).reversed());
            return firstOfEach(candidates);
        }
    }

    /** Two sources of clues, such as two copies of one file system, may give the same shape and order. */
    private static List<LostArrayCandidate> firstOfEach(List<LostArrayCandidate> sorted) {
        List<LostArrayCandidate> distinct = new ArrayList<>();
        for (LostArrayCandidate candidate : sorted) {
            boolean known = distinct.stream()
                    .anyMatch(other -> other.shape().equals(candidate.shape())
                            && other.order().equals(candidate.order()));
            if (!known && distinct.size() < MAX_CANDIDATES) {
                distinct.add(candidate);
            }
        }
        return List.copyOf(distinct);
    }

    private List<LostArrayCandidate> candidates(ClueSource source) {
        List<Clue> clues = Clue.withCopies(thinned(source.clues()));
        List<Arrangement> arrangements = new ArrayList<>();
        for (long start : likelyStarts(clues, source.sizeBytes())) {
            arrangements.addAll(arrangements(withHeads(clues, start), start));
        }
        // The sort is stable: of equally good shapes the more usual one stays first.
        arrangements.sort(Comparator.comparingInt(Arrangement::agreeing).reversed());
        List<LostArrayCandidate> candidates = new ArrayList<>();
        for (Arrangement arrangement : arrangements.subList(0, Math.min(CHECKED, arrangements.size()))) {
            Arrangement ordered = orders.best(arrangement);
            double parity = fit.of(ordered);
            if (parity < 0 || parity >= PARITY_IS_RIGHT) {
                candidates.add(candidate(
                        ordered,
                        source.name(),
                        withHeads(clues, ordered.baseBytes()),
                        new LostArrayCandidate.Fit(
                                parity, source.mapFit(ordered, devices, sample), presenceOf(ordered), 1)));
            }
        }
        return candidates;
    }

    private double presenceOf(Arrangement found) {
        return presence.of(found.shape(), found.deviceOfSlot(), found.dataOffsetBytes());
    }

    private List<Clue> withHeads(List<Clue> clues, long start) {
        List<Clue> all = new ArrayList<>(clues);
        all.addAll(starts.headsFrom(start));
        return all;
    }

    private List<Arrangement> arrangements(List<Clue> clues, long start) {
        return LostShape.all(devices.count()).stream()
                .map(shape -> Arrangement.of(shape, devices.count(), clues, start, presence))
                .filter(found -> found.agreeing() > 1 && found.dataOffsetBytes() >= 0)
                .toList();
    }

    /** The starts of the file system with which the most of some of its clues agree, in any shape. */
    private List<Long> likelyStarts(List<Clue> clues, long sizeBytes) {
        List<Long> possible = starts.startsFor(sizeBytes);
        if (possible.size() <= MAX_STARTS) {
            return possible;
        }
        int step = Math.max(1, clues.size() / QUICK_CLUES);
        List<Clue> some = new ArrayList<>();
        for (int index = 0; index < clues.size(); index += step) {
            some.add(clues.get(index));
        }
        Map<Long, Integer> most = new HashMap<>();
        for (long start : possible) {
            int best = arrangements(withHeads(some, start), start).stream()
                    .mapToInt(Arrangement::agreeing)
                    .max()
                    .orElse(0);
            most.put(start, best);
        }
        return possible.stream()
                .sorted(Comparator.comparingInt((Long start) -> -most.getOrDefault(start, 0)))
                .limit(MAX_STARTS)
                .toList();
    }

    private List<LostArrayCandidate> withoutFileSystem(BlockTextures textures) {
        QuickParity quick = new QuickParity(devices, sample.places());
        List<LostArrayCandidate> candidates = new ArrayList<>();
        for (BlindSearch.Found found : new BlindSearch(textures, quick, devices.count(), starts.headsFrom(0)).best()) {
            Arrangement ordered = found.arrangement();
            candidates.add(candidate(
                    ordered,
                    BlindSearch.CONTENT,
                    List.of(),
                    new LostArrayCandidate.Fit(fit.of(ordered), 1, presenceOf(ordered), found.distinct())));
        }
        return candidates;
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

    private LostArrayCandidate candidate(
            Arrangement found, String content, List<Clue> clues, LostArrayCandidate.Fit parts) {
        LostShape shape = found.shape();
        List<String> order = found.deviceOfSlot().stream()
                .map(device -> device < 0 ? LostArrayCandidate.MISSING : devices.name(device))
                .toList();
        return new LostArrayCandidate(
                new LostArrayShape(shape.layout(), shape.raidDisks(), shape.chunkBytes(), found.dataOffsetBytes()),
                order,
                content,
                (int) clues.stream().mapToLong(Clue::volumeBytes).distinct().count(),
                found.agreeingPlaces(clues),
                found.certainSlots(),
                parts);
    }
}
