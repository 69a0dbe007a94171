package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.SimulatedThread;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the cache with a model of plain maps, step by step, for arrays of a few rows. */
class StripeCacheTest {
    private static final int CHUNK = 32;
    private static final int ROWS = 3;
    private static final int STRIPES = ROWS * CHUNK / 8;
    private static final int STEPS = 400;

    private final Arena arena = Arena.ofAuto();

    private static ArrayGeometry geometry(int disks) {
        return new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), disks, CHUNK, (long) ROWS * CHUNK);
    }

    /** The model: for each cached stripe in the order of caching, the version of each block, 0 for none. */
    private static final class World {
        final ArrayGeometry geometry;
        final BigStripeTree tree = new BigStripeTree();
        final StripeCache cache;
        final StripeLocks.Lease lease = new SimulatedThread().call(() -> new StripeLocks().lockAll());
        final LinkedHashMap<Long, byte[]> stripes = new LinkedHashMap<>();
        final List<List<RunWrite>> reservations = new ArrayList<>();
        final Map<Long, Integer> releases = new HashMap<>();
        int mostCached;

        World(int disks) {
            geometry = geometry(disks);
            cache = new StripeCache(geometry, tree);
        }

        RunWrite randomRun(Random random, byte version) {
            int first = random.nextInt(STRIPES);
            int most = CHUNK / 8 - first % (CHUNK / 8);
            int slots = 1 + random.nextInt((1 << geometry.dataDisks()) - 1);
            return VersionedRuns.of(geometry, first * 8L, 1 + random.nextInt(most), slots, version);
        }

        void put(RunWrite run) {
            cache.put(lease, run, () -> {
                int[] once = {0};
                return () -> {
                    assertEquals(0, once[0]++, "log space released twice");
                    releases.merge(-1L, 1, Integer::sum);
                };
            });
            for (long at = run.stripeSector(); at < run.endStripeSector(); at += 8) {
                byte[] blocks = stripes.computeIfAbsent(at, _ -> new byte[geometry.dataDisks()]);
                for (int index = 0; index < blocks.length; index++) {
                    MemorySegment written = run.newData(index);
                    blocks[index] = written == null ? blocks[index] : (byte) VersionedRuns.versionOf(written);
                }
            }
            mostCached = Math.max(mostCached, stripes.size());
        }

        boolean isFull(long stripeSector) {
            byte[] blocks = stripes.get(stripeSector);
            for (byte block : blocks == null ? new byte[1] : blocks) {
                if (block == 0) {
                    return false;
                }
            }
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void itDoesWhatTheModelDoes(int disks) {
        for (int seed = 0; seed < 20; seed++) {
            World world = new World(disks);
            Random random = new Random(seed);
            int removed = 0;
            for (int step = 0; step < STEPS; step++) {
                byte version = (byte) (1 + random.nextInt(120));
                switch (random.nextInt(6)) {
                    case 0, 1, 2 -> world.put(world.randomRun(random, version));
                    case 3 -> removed += gatherAndRemove(world, random);
                    case 4 -> {
                        List<RunWrite> runs = List.of(world.randomRun(random, version));
                        world.cache.reserveSlots(runs);
                        world.reservations.add(runs);
                    }
                    default -> {
                        if (!world.reservations.isEmpty()) {
                            world.cache.releaseSlots(
                                    world.reservations.remove(random.nextInt(world.reservations.size())));
                        }
                    }
                }
                check(world);
            }
            assertEquals(removed, world.releases.getOrDefault(-1L, 0), "each stripe releases its log space once");
            long slabs = (long) world.mostCached * world.geometry.dataDisks() / 256 + 1;
            assertTrue(world.cache.allocatedPages() <= slabs * 256, "more memory than the stripes ever had");
            world.cache.close();
        }
    }

    private int gatherAndRemove(World world, Random random) {
        long row = random.nextInt(ROWS);
        long from = row * CHUNK + random.nextInt(CHUNK / 8) * 8L;
        long end = from + 8 + random.nextInt((int) ((row + 1) * CHUNK - from) / 8) * 8L;
        StripeRange range = new StripeRange(from, end);
        int spaceBlocks = 1 + random.nextInt(12);
        int longest = 1 + random.nextInt(4);
        MemorySegment target = arena.allocate((long) spaceBlocks * Sectors.BLOCK_BYTES, 4096);
        List<RunWrite> runs = world.cache.gather(world.lease, range, target, longest);
        long at = from;
        int blocks = 0;
        for (RunWrite run : runs) {
            assertTrue(run.stripeSector() >= at && run.stripeCount() <= longest && run.endStripeSector() <= end);
            blocks += run.stripeCount() * run.writtenSlots();
            for (long stripe = run.stripeSector(); stripe < run.endStripeSector(); stripe += 8) {
                byte[] expected = Objects.requireNonNull(world.stripes.get(stripe));
                for (int index = 0; index < expected.length; index++) {
                    MemorySegment column = run.newData(index);
                    long offset = (stripe - run.stripeSector()) / 8 * Sectors.BLOCK_BYTES;
                    assertEquals(
                            expected[index],
                            column == null ? 0 : VersionedRuns.versionOf(column.asSlice(offset, Sectors.BLOCK_BYTES)));
                }
            }
            at = run.endStripeSector();
        }
        assertTrue(blocks <= spaceBlocks);
        int removed = 0;
        for (RunWrite run : runs) {
            world.cache.remove(world.lease, run);
            for (long stripe = run.stripeSector(); stripe < run.endStripeSector(); stripe += 8) {
                world.stripes.remove(stripe);
                removed++;
            }
        }
        boolean anyCached = world.stripes.keySet().stream().anyMatch(stripe -> stripe >= from && stripe < end);
        assertEquals(anyCached, world.cache.containsAny(range));
        assertTrue(!anyCached || !runs.isEmpty() || spaceBlocks < world.geometry.dataDisks(), "unused space");
        return removed;
    }

    private void check(World world) {
        checkBlocks(world);
        checkOldest(world);
    }

    private void checkBlocks(World world) {
        assertEquals(world.stripes.size(), world.cache.size());
        assertEquals(world.stripes.keySet().stream().filter(world::isFull).count(), world.cache.fullStripes());
        Set<Long> slots = new HashSet<>(world.stripes.keySet());
        for (List<RunWrite> runs : world.reservations) {
            for (long at = runs.getFirst().stripeSector(); at < runs.getFirst().endStripeSector(); at += 8) {
                slots.add(at);
            }
        }
        assertEquals(slots.size(), world.cache.slotsInUse());
        MemorySegment block = arena.allocate(512);
        for (long stripe = 0; stripe < STRIPES * 8L; stripe += 8) {
            byte[] blocks = world.stripes.get(stripe);
            for (int index = 0; index < world.geometry.dataDisks(); index++) {
                boolean cached = blocks != null && blocks[index] != 0;
                assertEquals(cached, world.cache.read(stripe, index, 512, block));
                if (blocks != null && cached) {
                    assertEquals(blocks[index], VersionedRuns.versionOf(block));
                }
            }
        }
        for (long row = 0; row < ROWS; row++) {
            long from = row * CHUNK;
            boolean any = world.stripes.keySet().stream().anyMatch(at -> at >= from && at < from + CHUNK);
            assertEquals(any, world.tree.isCached(row), "row " + row);
        }
    }

    /**
     * The first is always the oldest; each other one is a neighbour of an earlier one, or the oldest not chosen yet.
     */
    private static void checkOldest(World world) {
        for (int most : new int[] {1, 3, STRIPES}) {
            List<Long> chosen = world.cache.oldest(most);
            assertEquals(Math.min(most, world.stripes.size()), new HashSet<>(chosen).size());
            assertEquals(chosen.size(), new HashSet<>(chosen).size());
            Set<Long> before = new HashSet<>();
            for (long stripe : chosen) {
                boolean neighbour = before.contains(stripe - 8) || before.contains(stripe + 8);
                boolean oldestRemaining = world.stripes.keySet().stream()
                                .filter(at -> !before.contains(at))
                                .findFirst()
                                .orElseThrow()
                        == stripe;
                assertTrue(neighbour || oldestRemaining, stripe + " of " + chosen);
                before.add(stripe);
            }
        }
    }

    @Test
    void fullStripesAreSweptUpwardsAndAround() {
        World world = new World(3);
        TreeSet<Long> full = new TreeSet<>();
        Random random = new Random(3);
        for (int i = 0; i < 9; i++) {
            long stripe = random.nextInt(STRIPES) * 8L;
            world.put(VersionedRuns.of(world.geometry, stripe, 1, 3, (byte) 1));
            full.add(stripe);
        }
        List<Long> order = new ArrayList<>(full);
        List<Long> seen = new ArrayList<>();
        while (seen.size() < 4 * full.size()) {
            seen.addAll(world.cache.full(2));
            assertEquals(List.of(), world.cache.full(0), "which does not move the sweep");
        }
        for (int i = 0; i < seen.size(); i++) {
            assertEquals(order.get(i % order.size()), seen.get(i), "position " + i + " of " + seen);
        }
        assertEquals(order.size(), world.cache.full(1000).size());
        world.cache.close();
    }

    @Test
    void aStripeGoesFromCleanToCachingAndBack() {
        World world = new World(4);
        StripeCache cache = world.cache;
        assertFalse(cache.containsAny(new StripeRange(0, 64)));
        world.put(VersionedRuns.of(world.geometry, 8, 1, 0b001, (byte) 1));
        assertEquals(List.of(), cache.full(9));
        world.put(VersionedRuns.of(world.geometry, 8, 1, 0b010, (byte) 2));
        world.put(VersionedRuns.of(world.geometry, 8, 1, 0b001, (byte) 3));
        assertEquals(List.of(), cache.full(9));
        world.put(VersionedRuns.of(world.geometry, 8, 1, 0b100, (byte) 4));
        assertEquals(List.of(8L), cache.full(9));
        check(world);
        List<RunWrite> writingOut = cache.gather(world.lease, new StripeRange(0, CHUNK), arena.allocate(3 * 4096), 4);
        // Another batch does not choose the stripe.
        assertEquals(List.of(), cache.full(9));
        assertEquals(List.of(), cache.oldest(9));
        checkBlocks(world);
        cache.failWriteOut(world.lease, writingOut);
        assertEquals(List.of(8L), cache.full(9));
        check(world);
        writingOut = cache.gather(world.lease, new StripeRange(0, CHUNK), arena.allocate(3 * 4096), 4);
        cache.remove(world.lease, writingOut.getFirst());
        world.stripes.clear();
        check(world);
        cache.remove(world.lease, writingOut.getFirst());
        assertEquals(1, world.releases.get(-1L));
        cache.close();
    }
}
