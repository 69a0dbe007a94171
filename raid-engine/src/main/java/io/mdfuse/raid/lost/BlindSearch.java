package io.mdfuse.raid.lost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The search without a file system that is known: by parity, by what is empty, and by how the content flows from chunk
 * to chunk.
 *
 * <pre>
 *   all devices sum up to zero     RAID-5 or RAID-4, complete; parity fits in every order, so the flow alone decides
 *   P and Q fit in some order      RAID-6, complete or without one device; of the orders that fit the flow decides
 *   otherwise                      RAID-5 or RAID-4 without one device: with the solved device it is complete
 * </pre>
 *
 * <p>What it can't tell: where the volume looks alike everywhere, as a full encrypted one, RAID-5 has no order. Then
 * there are many equally good ones, and no candidate.
 */
final class BlindSearch {
    static final String CONTENT = "no known file system";

    private static final int MAX_EQUAL = 5;
    /** Orders whose flow differs less than this are equally good. */
    private static final double EQUAL = 3;
    /** A difference of flow that leaves no doubt. */
    private static final double CLEAR = 60;

    /** Rounded: equal sums are added up in different orders. The sort is stable, so the more usual shape is first. */
    private static final Comparator<Found> BEST_FIRST =
            Comparator.comparingDouble(each -> -Math.rint(each.flow * 1000));

    private static final int ALL_ORDERS = 6;
    private static final int MAX_DISKS_OF_RAID6 = 8;
    private static final int STARTS = 16;
    private static final long METADATA_BYTES = 192 << 10;
    private static final int MIB = 1 << 20;
    private static final List<Integer> USUAL_MIB = List.of(1, 2, 4, 8, 16, 32, 64, 128, 129);

    private final BlockTextures textures;
    private final QuickParity parity;
    private final int given;
    private final Set<Long> offsets = new LinkedHashSet<>();
    private final List<Found> found = new ArrayList<>();

    /**
     * An order and how well the content flows in it.
     *
     * @param hasSolved whether the solved device is one of those in {@code arrangement}
     * @param distinct how much better it flows than in others, from 0 to 1
     */
    record Found(Arrangement arrangement, boolean hasSolved, double flow, double distinct) {}

    /**
     * @param textures of the devices, the last of which is the solved one
     * @param heads clues that are exact: the head of an encrypted volume, of LVM2 or of a partition table
     */
    BlindSearch(BlockTextures textures, QuickParity parity, List<Clue> heads) {
        this.textures = textures;
        this.parity = parity;
        this.given = textures.devices() - 1;
        heads.stream()
                .filter(clue -> clue.volumeBytes() == 0)
                .map(Clue::deviceBytes)
                .forEach(offsets::add);
        if (offsets.isEmpty()) {
            addLikelyOffsets();
        }
    }

    /** The first block that holds something, if the volume begins there, and usual starts before it. */
    private void addLikelyOffsets() {
        if (firstFilled(0) == 0) {
            offsets.add(0L);
            return;
        }
        long first = firstFilled(METADATA_BYTES);
        if (first % (64 << 10) == 0) {
            offsets.add(first);
        }
        for (int index = USUAL_MIB.size() - 1; index >= 0 && offsets.size() < 2; index--) {
            long usual = (long) USUAL_MIB.get(index) * MIB;
            if (usual <= first) {
                offsets.add(usual);
            }
        }
    }

    private long firstFilled(long fromBytes) {
        int from = (int) (fromBytes / BlockBytes.BLOCK);
        for (int block = from; block < textures.blocks(); block++) {
            for (int device = 0; device < given; device++) {
                if (!textures.isEmpty(device, block)) {
                    return (long) block * BlockBytes.BLOCK;
                }
            }
        }
        return 0;
    }

    /** The best orders, best first; empty if nothing tells them from many others. */
    List<Found> best() {
        if (parity.sumIsZero()) {
            search(1, 0);
        } else {
            search(2, 0);
            search(2, 1);
            if (found.isEmpty()) {
                search(1, 1);
            }
        }
        found.sort(BEST_FIRST);
        List<Found> volumes = oneOfEachVolume();
        if (volumes.isEmpty()) {
            return List.of();
        }
        double best = volumes.getFirst().flow;
        long equal = volumes.stream().filter(each -> each.flow > best - EQUAL).count();
        if (equal > MAX_EQUAL) {
            return List.of();
        }
        double next = volumes.size() > 1 ? volumes.get(1).flow : best - CLEAR;
        double distinct = equal > 1 ? 1.0 / (2 * equal) : Math.min(1, 0.5 + (best - next) / CLEAR / 2);
        return found.stream()
                .limit(MAX_EQUAL)
                .map(each -> new Found(
                        each.arrangement,
                        each.hasSolved,
                        each.flow,
                        each.flow > best - EQUAL ? distinct : distinct / 2))
                .toList();
    }

    /** Some of the best; of those that put the same data in the same places only the first. */
    private List<Found> oneOfEachVolume() {
        List<Found> volumes = new ArrayList<>();
        for (Found each : found) {
            boolean known = volumes.stream().anyMatch(other -> other.arrangement.hasSameData(each.arrangement));
            if (!known && volumes.size() <= MAX_EQUAL) {
                volumes.add(each);
            }
        }
        return List.copyOf(volumes);
    }

    private void search(int parityCount, int missing) {
        boolean withSolved = parityCount == 1 && missing == 1;
        Flows flows = new Flows(withSolved ? textures : textures.ofFirst(given));
        for (LostShape shape : LostShape.all(given)) {
            boolean wanted = shape.layout().parityCount() == parityCount && shape.raidDisks() == given + missing;
            if (!wanted || (parityCount == 2 && shape.raidDisks() > MAX_DISKS_OF_RAID6)) {
                continue;
            }
            for (long offset : offsets) {
                VolumeFlow flow = flows.of(shape, offset);
                if (parityCount == 2) {
                    orders(shape.raidDisks(), given, order -> {
                        if (parity.fits(shape, order, offset)) {
                            keep(shape, order, offset, false, flow.of(shape, order));
                        }
                    });
                } else {
                    climb(shape, flow, order -> keep(shape, order, offset, withSolved, flow.of(shape, order)));
                }
            }
        }
    }

    /** The flows of some devices, each made once for a chunk, a start of the data and a period. */
    private static final class Flows {
        private final BlockTextures textures;
        private final double[][] likelihoods;
        private final Map<List<Integer>, VolumeFlow> made = new HashMap<>();

        Flows(BlockTextures textures) {
            this.textures = textures;
            this.likelihoods = textures.likelihoods();
        }

        VolumeFlow of(LostShape shape, long offset) {
            boolean fixedLast = shape.layout().parityCount() == 2
                    && shape.layout().parityQ(0, shape.raidDisks()) == shape.raidDisks() - 1
                    && shape.layout().parityQ(1, shape.raidDisks()) == shape.raidDisks() - 1;
            int period = fixedLast ? shape.raidDisks() - 1 : shape.raidDisks();
            int chunkBlocks = shape.chunkBytes() / BlockBytes.BLOCK;
            int first = (int) Math.min(Integer.MAX_VALUE, offset / BlockBytes.BLOCK);
            return made.computeIfAbsent(
                    List.of(chunkBlocks, first, period),
                    _ -> new VolumeFlow(textures, likelihoods, textures.devices(), chunkBlocks, first, period));
        }
    }

    /** Every order of few devices; of more, orders that no exchange of two devices makes better. */
    private static void climb(LostShape shape, VolumeFlow flow, Consumer<int[]> visitor) {
        if (shape.raidDisks() <= ALL_ORDERS) {
            orders(shape.raidDisks(), shape.raidDisks(), visitor);
            return;
        }
        Random random = new Random(1);
        Set<List<Integer>> tops = new LinkedHashSet<>();
        for (int start = 0; start < STARTS; start++) {
            int[] order = new int[shape.raidDisks()];
            for (int slot = 0; slot < order.length; slot++) {
                int other = random.nextInt(slot + 1);
                order[slot] = order[other];
                order[other] = slot;
            }
            climb(shape, flow, order);
            if (tops.add(Arrays.stream(order).boxed().toList())) {
                visitor.accept(order);
            }
        }
    }

    private static void climb(LostShape shape, VolumeFlow flow, int[] order) {
        double top = flow.of(shape, order);
        boolean better = true;
        while (better) {
            better = false;
            for (int one = 0; one < order.length; one++) {
                for (int other = one + 1; other < order.length; other++) {
                    exchange(order, one, other);
                    double now = flow.of(shape, order);
                    if (now > top) {
                        top = now;
                        better = true;
                    } else {
                        exchange(order, one, other);
                    }
                }
            }
        }
    }

    private static void exchange(int[] order, int one, int other) {
        int device = order[one];
        order[one] = order[other];
        order[other] = device;
    }

    /** Every order of the devices in so many slots; one slot may have none. */
    private static void orders(int slots, int devices, Consumer<int[]> visitor) {
        int[] order = new int[slots];
        for (int slot = 0; slot < slots; slot++) {
            order[slot] = slot < devices ? slot : -1;
        }
        orders(order, 0, visitor);
    }

    private static void orders(int[] order, int from, Consumer<int[]> visitor) {
        if (from == order.length - 1) {
            visitor.accept(order);
            return;
        }
        for (int other = from; other < order.length; other++) {
            exchange(order, from, other);
            orders(order, from + 1, visitor);
            exchange(order, from, other);
        }
    }

    /** Keeps the best, and as many as are needed to see that they are equal. */
    private void keep(LostShape shape, int[] order, long offset, boolean hasSolved, double flow) {
        found.add(new Found(
                new Arrangement(shape, Arrays.stream(order).boxed().toList(), 0, offset, 0, List.of()),
                hasSolved,
                flow,
                0));
        if (found.size() > 1000) {
            found.sort(BEST_FIRST);
            found.subList(100, found.size()).clear();
        }
    }
}
