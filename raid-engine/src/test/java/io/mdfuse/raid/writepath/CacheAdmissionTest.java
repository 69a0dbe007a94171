package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.BigStripeTree;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.TestRuns;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the admission with a single-threaded model of which requests must be admitted, and then races many threads.
 * The log is a count of sectors: an append takes some, and a reclaim frees some.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CacheAdmissionTest {
    private static final int WORLD_STRIPES = 6;

    /** A log that only counts. */
    private static final class CountedLog implements CacheAdmission.Log {
        final AtomicLong freeSectors;
        volatile boolean broken;
        volatile boolean hostFull;

        CountedLog(long freeSectors) {
            this.freeSectors = new AtomicLong(freeSectors);
        }

        @Override
        public long freeSectors() {
            return freeSectors.get();
        }

        @Override
        public boolean rejectsAppends() {
            return broken;
        }

        @Override
        public void requireSpaceCanBeFreed() throws IOException {
            if (hostFull) {
                throw new IOException("the host is full");
            }
        }
    }

    /** One caller of admit or admitExclusively, in a thread of its own. */
    private static final class Caller {
        final boolean exclusive;
        final List<RunWrite> runs;
        final Thread thread;
        volatile boolean admitted;
        volatile boolean refused;

        Caller(World world, boolean exclusive, List<RunWrite> runs) {
            this.exclusive = exclusive;
            this.runs = runs;
            this.thread = Thread.ofPlatform().daemon().unstarted(() -> {
                if (exclusive) {
                    world.admission.admitExclusively();
                } else {
                    try {
                        world.admission.admit(runs);
                    } catch (IOException e) {
                        refused = true;
                        return;
                    }
                }
                admitted = true;
            });
        }

        Set<Long> stripes() {
            Set<Long> stripes = new HashSet<>();
            for (RunWrite run : runs) {
                for (long at = run.stripeSector(); at < run.endStripeSector(); at += 8) {
                    stripes.add(at);
                }
            }
            return stripes;
        }
    }

    /** The admission with a cache and a log, and the model of it. */
    private static final class World {
        final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 4, 64, 64);
        final StripeCache cache = new StripeCache(geometry, new BigStripeTree());
        final StripeLocks.Lease lease = new StripeLocks().lockAll();
        final LogNeeds needs = new LogNeeds(geometry);
        final AtomicInteger spaceRequests = new AtomicInteger();
        final long capacitySectors;
        final int most;
        final CountedLog log;
        final CacheAdmission admission;

        final Set<Long> cached = new HashSet<>();
        final List<Caller> admitted = new ArrayList<>();
        final List<Caller> queue = new ArrayList<>();

        World(int most, long capacitySectors) {
            this.most = most;
            this.capacitySectors = capacitySectors;
            this.log = new CountedLog(capacitySectors - 8);
            this.admission = new CacheAdmission(needs, log, cache, most);
            admission.whenSpaceIsShort(spaceRequests::incrementAndGet);
        }

        long sectorsOf(Caller caller) {
            return needs.requestSectors(caller.runs);
        }

        Set<Long> slots() {
            Set<Long> slots = new HashSet<>(cached);
            admitted.forEach(caller -> slots.addAll(caller.stripes()));
            return slots;
        }

        long reserved() {
            return admitted.stream().mapToLong(this::sectorsOf).sum();
        }

        boolean overtakes(Caller caller) {
            return slots().containsAll(caller.stripes()) && queue.stream().noneMatch(other -> other.exclusive);
        }

        boolean hasSpace(Caller caller) {
            Set<Long> slots = slots();
            boolean newSlots = slots.addAll(caller.stripes());
            long need = LogPressure.needSectors(cached.size(), 4, 1);
            long free = log.freeSectors() - LogNeeds.KEPT_SECTORS - reserved() - sectorsOf(caller);
            boolean critical = free < 2 * need && !cached.isEmpty();
            return slots.size() <= most && free >= need && !(newSlots && critical);
        }

        void start(Caller caller) {
            boolean now = !caller.exclusive && (queue.isEmpty() || overtakes(caller)) && hasSpace(caller);
            if (now) {
                admitted.add(caller);
            } else {
                queue.add(caller);
            }
            caller.thread.start();
            // The next caller must find this one in the queue already.
            await(
                    "neither admitted nor queued",
                    () -> now ? caller.admitted : admission.waitingRequests() == queue.size());
            awaitAdmissions();
        }

        /** The head of the queue is admitted while there is space; an exclusive request stays at the head. */
        void awaitAdmissions() {
            while (!queue.isEmpty() && !queue.getFirst().exclusive && hasSpace(queue.getFirst())) {
                admitted.add(queue.removeFirst());
            }
            boolean exclusiveAdmitted = !queue.isEmpty() && queue.getFirst().exclusive && admitted.isEmpty();
            Set<Caller> expected = new HashSet<>(admitted);
            if (exclusiveAdmitted) {
                expected.add(queue.getFirst());
            }
            await(
                    "a request whose turn it was did not wake up",
                    () -> expected.stream().allMatch(caller -> caller.admitted));
            for (Caller caller : queue) {
                assertEquals(
                        expected.contains(caller),
                        caller.admitted,
                        "a request was admitted before its turn or without space");
            }
            assertEquals(queue.size(), admission.waitingRequests());
            // A request that woke up in vain had slots reserved while it tried; only admitted requests keep them.
            await("slots reserved by a request that is not admitted", () -> cache.slotsInUse() == slots().size());
            assertTrue(slots().size() <= most, "bound passed");
            long need = LogPressure.needSectors(cached.size(), 4, 1);
            assertTrue(
                    log.freeSectors() - LogNeeds.KEPT_SECTORS - reserved() >= need,
                    "no log space for all reservations");
        }

        static void await(String what, BooleanSupplier condition) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!condition.getAsBoolean()) {
                assertTrue(System.nanoTime() < end, what);
                LockSupport.parkNanos(20_000);
            }
        }

        /** Writes a cached stripe out, and removes it. */
        void writeOutTo(Arena arena, long stripeSector) {
            MemorySegment blocks = arena.allocate(3 * 4096, 4096);
            cache.gather(lease, StripeRange.ofStripe(stripeSector), blocks, 1).forEach(run -> cache.remove(lease, run));
        }

        /** Caches the request: its data takes log space, with at most a meta block for each stripe. */
        void cacheOne(Caller caller) {
            long taken = 0;
            for (RunWrite run : caller.runs) {
                taken += 8L * run.stripeCount() * (run.writtenSlots() + 1);
                cache.put(lease, run, () -> () -> {});
            }
            log.freeSectors.addAndGet(-taken);
            cached.addAll(caller.stripes());
            end(caller);
        }

        void end(Caller caller) {
            admitted.remove(caller);
            admission.release(caller.runs, sectorsOf(caller));
            awaitAdmissions();
        }

        /** Logs parity and a meta block, then removes the stripe. */
        void writeOut(long stripeSector) {
            log.freeSectors.addAndGet(-2 * 8);
            writeOutTo(Arena.ofAuto(), stripeSector);
            cached.remove(stripeSector);
            if (cached.isEmpty()) {
                log.freeSectors.set(capacitySectors - 8);
            }
            admission.spaceMayHaveChanged();
            awaitAdmissions();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6})
    void theAdmittedRequestsAreThoseOfTheModel(int most) {
        int overtaken = 0;
        for (int seed = 0; seed < 40; seed++) {
            long least = new LogNeeds(4, 1).leastSectors();
            // From a log that fits a single block to one that is hardly a limit.
            World world = new World(most, least + 8L * (seed % 8) * (seed % 8));
            Random random = new Random(seed);
            for (int step = 0; step < 60; step++) {
                int choice = random.nextInt(10);
                if (choice < 4 && world.queue.size() < 5) {
                    Caller caller = randomRequest(world, random);
                    overtaken += !world.queue.isEmpty() && world.overtakes(caller) && world.hasSpace(caller) ? 1 : 0;
                    world.start(caller);
                } else if (choice == 4 && world.queue.size() < 5) {
                    world.start(new Caller(world, true, List.of()));
                } else if (choice < 7 && !world.admitted.isEmpty()) {
                    Caller caller = world.admitted.get(random.nextInt(world.admitted.size()));
                    if (random.nextBoolean()) {
                        world.cacheOne(caller);
                    } else {
                        world.end(caller);
                    }
                } else {
                    step(world, random);
                }
            }
            drain(world, random);
        }
        assertTrue(most == 1 || overtaken > 0, "no request ever overtook the queue");
    }

    private static Caller randomRequest(World world, Random random) {
        int stripes = 1 + random.nextInt(Math.min(world.most, 3));
        int first = random.nextInt(WORLD_STRIPES - stripes + 1);
        int slots = 1 + random.nextInt(7);
        long least = world.capacitySectors - 8;
        Caller caller = new Caller(world, false, runs(world, first, stripes, slots));
        // As RequestWriter cuts its pieces: each by itself must fit an empty log.
        boolean fits = least - LogNeeds.KEPT_SECTORS - world.sectorsOf(caller) >= LogPressure.needSectors(0, 4, 1);
        return fits ? caller : new Caller(world, false, runs(world, first, 1, 1));
    }

    private static List<RunWrite> runs(World world, int first, int stripes, int slots) {
        return List.of(TestRuns.of(world.geometry, first * 8L, stripes, slots, (byte) 1));
    }

    private static void step(World world, Random random) {
        boolean exclusiveAdmitted = !world.queue.isEmpty() && world.queue.getFirst().admitted;
        if (exclusiveAdmitted) {
            world.queue.removeFirst();
            world.admission.releaseExclusive();
            world.awaitAdmissions();
        } else if (!world.cached.isEmpty()) {
            List<Long> stripes = new ArrayList<>(world.cached);
            world.writeOut(stripes.get(random.nextInt(stripes.size())));
        }
    }

    /** All waiting requests are admitted once the admitted ones end and the cache is written out. */
    private static void drain(World world, Random random) {
        for (int left = 0; left < 200 && !(world.queue.isEmpty() && world.admitted.isEmpty()); left++) {
            if (!world.admitted.isEmpty()) {
                world.end(world.admitted.getFirst());
            }
            step(world, random);
        }
        assertTrue(world.queue.isEmpty() && world.admitted.isEmpty(), "a request waits for ever");
        world.cache.close();
    }

    @Test
    void aLogThatRejectsAppendsBlocksNoRequest() {
        World world = new World(2, new LogNeeds(4, 1).leastSectors());
        world.start(new Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.admitted.getFirst());
        Caller waiting = new Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        World.await("the next request asks for no space", () -> world.spaceRequests.get() > 0);
        assertTrue(!waiting.admitted);
        world.log.broken = true;
        world.admission.spaceMayHaveChanged();
        World.await("a log that rejects appends blocks a request", () -> waiting.admitted);
        world.cache.close();
    }

    @Test
    void aRequestIsRefusedIfNoSpaceCanBeFreed() {
        World world = new World(2, new LogNeeds(4, 1).leastSectors());
        world.start(new Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.admitted.getFirst());
        Caller waiting = new Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        World.await("the next request asks for no space", () -> world.spaceRequests.get() > 0);
        world.log.hostFull = true;
        world.admission.spaceMayHaveChanged();
        World.await("a full host keeps a request waiting", () -> waiting.refused);
        assertEquals(0, world.admission.waitingRequests());
        world.cache.close();
    }

    @Test
    void spareLogSpaceIsUnreserved() {
        World world = new World(6, 8 * 64);
        long spare = world.log.freeSectors() - LogNeeds.KEPT_SECTORS - LogPressure.needSectors(0, 4, 1);
        assertTrue(!world.admission.tryReserveSpare(spare + 8));
        assertTrue(world.admission.tryReserveSpare(spare));
        assertTrue(!world.admission.tryReserveSpare(8), "taken twice");
        world.admission.releaseSpare(spare);
        world.start(new Caller(world, false, runs(world, 0, 2, 3)));
        long reserved = world.sectorsOf(world.admitted.getFirst());
        assertTrue(!world.admission.tryReserveSpare(spare - reserved + 8));
        assertTrue(world.admission.tryReserveSpare(spare - reserved));
        world.cache.close();
    }

    /**
     * Requests, write-out and exclusive requests, all at once: each ends, and none is admitted beside an exclusive one.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aRaceOfManyThreadsEnds(int most) throws Exception {
        World world = new World(most, new LogNeeds(4, 1).leastSectors() + 8L * (most - 1) * 12);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        Object writingOut = new Object();
        CacheAdmission[] admission = new CacheAdmission[1];
        Runnable freeSpace = () -> {
            // As in the write path: one at a time, and waiting requests are notified only if space was freed.
            synchronized (writingOut) {
                boolean any = false;
                for (long stripe : world.cache.oldest(WORLD_STRIPES)) {
                    world.writeOutTo(Arena.ofAuto(), stripe);
                    any = true;
                }
                if (any) {
                    admission[0].spaceMayHaveChanged();
                }
            }
        };
        admission[0] = new CacheAdmission(world.needs, world.log, world.cache, most);
        admission[0].whenSpaceIsShort(freeSpace);
        try (ExecutorService threads = Executors.newFixedThreadPool(9)) {
            List<Future<?>> requests = new ArrayList<>();
            for (int number = 0; number < 8; number++) {
                Random random = new Random(number);
                requests.add(threads.submit(() -> {
                    for (int n = 0; n < 1500; n++) {
                        List<RunWrite> runs = runs(world, random.nextInt(WORLD_STRIPES), 1, 1 << random.nextInt(3));
                        long sectors = admission[0].admit(runs);
                        inside.incrementAndGet();
                        if (random.nextInt(3) > 0) {
                            synchronized (writingOut) {
                                world.cache.put(world.lease, runs.getFirst(), () -> () -> {});
                            }
                        }
                        assertTrue(
                                world.cache.slotsInUse() <= most + 8,
                                "at most transient reservations of waiting requests");
                        inside.decrementAndGet();
                        admission[0].release(runs, sectors);
                    }
                    return null;
                }));
            }
            Future<?> exclusive = threads.submit(() -> {
                while (end.getCount() > 0) {
                    admission[0].admitExclusively();
                    together.addAndGet(inside.get());
                    freeSpace.run();
                    assertTrue(world.cache.size() == 0);
                    admission[0].releaseExclusive();
                    LockSupport.parkNanos(200_000);
                }
            });
            for (Future<?> request : requests) {
                request.get(60, TimeUnit.SECONDS);
            }
            end.countDown();
            exclusive.get(10, TimeUnit.SECONDS);
        }
        assertEquals(0, together.get(), "a request was admitted beside an exclusive one");
        assertEquals(0, admission[0].waitingRequests());
        world.cache.close();
    }
}
