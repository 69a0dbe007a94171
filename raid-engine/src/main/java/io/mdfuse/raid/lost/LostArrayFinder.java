package io.mdfuse.raid.lost;

import io.mdfuse.device.BlockDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;

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
    private static final double PARITY_IS_RIGHT = 0.9;
    /** Clues by which the starts of file systems are compared, before all clues are used. */
    private static final int QUICK_CLUES = 300;

    private static final int MAX_STARTS = 2;
    /** With fewer, the search without a file system is made too. */
    private static final int ENOUGH_CLUES = 6;

    private final LostDevices devices;
    private final ParityFit fit;
    private final OrderSearch orders;
    private final VolumeStarts starts;
    private final LostSide given;
    private final LostSide solved;
    private final Map<LostArrayCandidate, Arrangement> arrangements = new HashMap<>();

    private LostArrayFinder(LostDevices devices, StripeSample sample, VolumeStarts starts) {
        this.devices = devices;
        this.starts = starts;
        this.given = LostSide.given(devices, sample);
        this.solved = LostSide.withSolved(devices, sample);
        this.fit = new ParityFit(devices, given.sample().places());
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
            StripeSample sample = new StripeSample(all.count() + 1);
            BlockTextures textures = new BlockTextures(all.count() + 1);
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
                candidates.addAll(finder.candidates(source, source.clues()));
            }
            boolean sure = candidates.stream().anyMatch(candidate -> candidate.agreeing() >= ENOUGH_CLUES);
            if (!sure) {
                candidates.addAll(finder.withoutFileSystem(textures));
            }
            return finder.withTwins(CandidateRanking.best(candidates, all.count(), MAX_CANDIDATES));
        }
    }

    /** Of candidates that fit equally well: which of them show the same file system. */
    private List<LostArrayCandidate> withTwins(List<LostArrayCandidate> candidates) {
        SameContent same = new SameContent(devices, solved.sample());
        List<LostArrayCandidate> all = new ArrayList<>(candidates);
        for (int index = 1; index < all.size(); index++) {
            LostArrayCandidate candidate = candidates.get(index);
            Arrangement own = Objects.requireNonNull(arrangements.get(candidate));
            for (int before = 0; before < index; before++) {
                LostArrayCandidate other = candidates.get(before);
                Arrangement its = Objects.requireNonNull(arrangements.get(other));
                boolean alike = other.fitsAsWellAs(candidate) && !other.showsSameVolumeAs(candidate);
                if (candidate.clues() > 0 && alike && same.of(its, own)) {
                    all.set(
                            index,
                            candidate.withTwin(new LostArrayCandidate.Twin(before, own.baseBytes() - its.baseBytes())));
                    break;
                }
            }
        }
        return List.copyOf(all);
    }

    private List<LostArrayCandidate> candidates(ClueSource source, List<Clue> all) {
        List<Clue> clues = given.of(all);
        List<Clue> cluesWithSolved = solved.of(all);
        List<Placed> placed = new ArrayList<>();
        for (long start : likelyStarts(cluesWithSolved, source.sizeBytes())) {
            placed.addAll(placed(given, clues, start));
            placed.addAll(placed(solved, cluesWithSolved, start));
        }
        // Equally good: a start of the data as mdadm chooses it, the more usual shape, and what was found first.
        List<LostShape> usual = LostShape.all(devices.count());
        placed.sort(Comparator.comparingInt((Placed each) -> -each.arrangement.agreeing())
                .thenComparing(each -> !isUsualStart(each.arrangement.dataOffsetBytes()))
                .thenComparingInt(each -> usual.indexOf(each.arrangement.shape())));
        List<LostArrayCandidate> candidates = new ArrayList<>();
        for (Placed each : placed.subList(0, Math.min(CHECKED, placed.size()))) {
            Arrangement ordered = orders.best(each.arrangement);
            double parity = fit.of(each.side.toCheck(ordered));
            if (parity < 0 || parity >= PARITY_IS_RIGHT) {
                candidates.add(candidate(
                        ordered,
                        source.name(),
                        each.clues,
                        new LostArrayCandidate.Fit(
                                parity,
                                source.mapFit(ordered, devices, each.side.sample()),
                                each.side.presenceOf(ordered),
                                1)));
            }
        }
        return candidates;
    }

    /** An arrangement, and the clues of the devices that it was made of. */
    private record Placed(LostSide side, Arrangement arrangement, List<Clue> clues) {}

    private List<Placed> placed(LostSide side, List<Clue> clues, long start) {
        List<Clue> all = side.with(clues, starts.headsFrom(start));
        return side.shapes().stream()
                .map(shape -> Arrangement.of(shape, side.devices(), all, start, side.presence()))
                .filter(found -> found.agreeing() > 1 && found.dataOffsetBytes() >= 0)
                .map(found -> new Placed(side, found, all))
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
            int best = Stream.of(given, solved)
                    .flatMap(side -> placed(side, side.with(List.of(), some), start).stream())
                    .mapToInt(each -> each.arrangement.agreeing())
                    .max()
                    .orElse(0);
            most.put(start, best);
        }
        List<Long> best = new ArrayList<>(possible.stream()
                .sorted(Comparator.comparingInt((Long start) -> -most.getOrDefault(start, 0)))
                .limit(MAX_STARTS)
                .toList());
        // A file's content may look like a partition table; the start of the volume is never given up for that.
        if (!best.contains(0L)) {
            best.add(0L);
        }
        return best;
    }

    /** Metadata 1.2 of mdadm has the data at a multiple of 1 MiB. */
    private static boolean isUsualStart(long dataOffsetBytes) {
        return dataOffsetBytes > 0 && dataOffsetBytes % (1 << 20) == 0;
    }

    private List<LostArrayCandidate> withoutFileSystem(BlockTextures textures) {
        QuickParity quick = new QuickParity(devices, given.sample().places());
        List<LostArrayCandidate> candidates = new ArrayList<>();
        for (BlindSearch.Found found : new BlindSearch(textures, quick, starts.headsFrom(0)).best()) {
            Arrangement ordered = found.arrangement();
            LostSide side = found.hasSolved() ? solved : given;
            candidates.add(candidate(
                    ordered,
                    BlindSearch.CONTENT,
                    List.of(),
                    new LostArrayCandidate.Fit(
                            fit.of(side.toCheck(ordered)), 1, side.presenceOf(ordered), found.distinct())));
        }
        return candidates;
    }

    private LostArrayCandidate candidate(
            Arrangement found, String content, List<Clue> clues, LostArrayCandidate.Fit parts) {
        LostShape shape = found.shape();
        List<String> order = found.deviceOfSlot().stream()
                .map(device -> device < 0 ? LostArrayCandidate.MISSING : devices.name(device))
                .toList();
        LostArrayCandidate candidate = new LostArrayCandidate(
                new LostArrayShape(shape.layout(), shape.raidDisks(), shape.chunkBytes(), found.dataOffsetBytes()),
                order,
                content,
                (int) clues.stream().mapToLong(Clue::volumeBytes).distinct().count(),
                found.agreeingPlaces(clues),
                found.certainSlots(),
                parts,
                null);
        arrangements.putIfAbsent(candidate, found);
        return candidate;
    }
}
