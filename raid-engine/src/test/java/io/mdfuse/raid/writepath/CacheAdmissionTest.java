package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.BigStripeTree;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.TestRuns;
import java.io.IOException;
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
 * The admission beside a model that decides in one thread who must be in, and then a race of many threads. The log is a
 * count of sectors: what an append takes, and what a reclaim gives back.
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
        public boolean takesNoMore() {
            return broken;
        }

        @Override
        public void requireRoomToCome() throws IOException {
            if (hostFull) {
                throw new IOException("the host is full");
            }
        }
    }

    /** One caller of enter or enterAlone, in a thread of its own. */
    private static final class Caller {
        final boolean alone;
        final List<RunWrite> runs;
        final Thread thread;
        volatile boolean in;
        volatile boolean refused;

        Caller(World world, boolean alone, List<RunWrite> runs) {
            this.alone = alone;
            this.runs = runs;
            this.thread = Thread.ofPlatform().daemon().unstarted(() -> {
                if (alone) {
                    world.admission.enterAlone();
                } else {
                    try {
                        world.admission.enter(runs);
                    } catch (IOException e) {
                        refused = true;
                        return;
                    }
                }
                in = true;
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

    /** The admission with its surroundings, and the model of it. */
    private static final class World {
        final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 4, 64, 64);
        final StripeCache cache = new StripeCache(geometry, new BigStripeTree());
        final StripeLocks.Lease lease = new StripeLocks().lockAll();
        final LogNeeds needs = new LogNeeds(geometry);
        final AtomicInteger roomAsked = new AtomicInteger();
        final long capacitySectors;
        final int most;
        final CountedLog log;
        final CacheAdmission admission;

        final Set<Long> cached = new HashSet<>();
        final List<Caller> in = new ArrayList<>();
        final List<Caller> queue = new ArrayList<>();

        World(int most, long capacitySectors) {
            this.most = most;
            this.capacitySectors = capacitySectors;
            this.log = new CountedLog(capacitySectors - 8);
            this.admission = new CacheAdmission(needs, log, cache, most, roomAsked::incrementAndGet);
        }

        long sectorsOf(Caller caller) {
            return needs.requestSectors(caller.runs);
        }

        Set<Long> places() {
            Set<Long> places = new HashSet<>(cached);
            in.forEach(caller -> places.addAll(caller.stripes()));
            return places;
        }

        long promised() {
            return in.stream().mapToLong(this::sectorsOf).sum();
        }

        boolean overtakes(Caller caller) {
            return places().containsAll(caller.stripes()) && queue.stream().noneMatch(other -> other.alone);
        }

        boolean hasRoom(Caller caller) {
            Set<Long> places = places();
            boolean newcomer = places.addAll(caller.stripes());
            long need = LogPressure.needSectors(cached.size(), 4, 1);
            long free = log.freeSectors() - LogNeeds.KEPT_SECTORS - promised() - sectorsOf(caller);
            boolean critical = free < 2 * need && !cached.isEmpty();
            return places.size() <= most && free >= need && !(newcomer && critical);
        }

        void start(Caller caller) {
            boolean now = !caller.alone && (queue.isEmpty() || overtakes(caller)) && hasRoom(caller);
            if (now) {
                in.add(caller);
            } else {
                queue.add(caller);
            }
            caller.thread.start();
            // Whoever comes next shall find this one in line already.
            await("neither in nor in line", () -> now ? caller.in : admission.waiters() == queue.size());
            settle();
        }

        /** Who is at the head comes in as long as there is room; who is alone stays at the head. */
        void settle() {
            while (!queue.isEmpty() && !queue.getFirst().alone && hasRoom(queue.getFirst())) {
                in.add(queue.removeFirst());
            }
            boolean aloneIn = !queue.isEmpty() && queue.getFirst().alone && in.isEmpty();
            Set<Caller> expected = new HashSet<>(in);
            if (aloneIn) {
                expected.add(queue.getFirst());
            }
            await("nobody woke whose turn it was", () -> expected.stream().allMatch(caller -> caller.in));
            for (Caller caller : queue) {
                assertEquals(expected.contains(caller), caller.in, "somebody is in before the turn or the room");
            }
            assertEquals(queue.size(), admission.waiters());
            // Whoever is woken in vain has claimed its places while it tried; only those who are in keep them.
            await("places kept by others than those who are in", () -> cache.places() == places().size());
            assertTrue(places().size() <= most, "bound passed");
            long need = LogPressure.needSectors(cached.size(), 4, 1);
            assertTrue(
                    log.freeSectors() - LogNeeds.KEPT_SECTORS - promised() >= need, "no log for all that is promised");
        }

        static void await(String what, BooleanSupplier condition) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!condition.getAsBoolean()) {
                assertTrue(System.nanoTime() < end, what);
                LockSupport.parkNanos(20_000);
            }
        }

        /** The request is cached: its data has taken log space, with a meta block for each stripe at most. */
        void cacheOne(Caller caller) {
            long taken = 0;
            for (RunWrite run : caller.runs) {
                taken += 8L * run.stripeCount() * (run.writtenSlots() + 1);
                cache.put(lease, run, () -> () -> {});
            }
            log.freeSectors.addAndGet(-taken);
            cached.addAll(caller.stripes());
            leave(caller);
        }

        void leave(Caller caller) {
            in.remove(caller);
            admission.leave(caller.runs, sectorsOf(caller));
            settle();
        }

        /** Parity and a meta block are logged, then the stripe leaves. */
        void writeOut(long stripeSector) {
            log.freeSectors.addAndGet(-2 * 8);
            cache.remove(lease, TestRuns.of(geometry, stripeSector, 1, 1, (byte) 1));
            cached.remove(stripeSector);
            if (cached.isEmpty()) {
                log.freeSectors.set(capacitySectors - 8);
            }
            admission.roomMayHaveChanged();
            settle();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6})
    void whoIsInIsWhoTheModelLetsIn(int most) {
        int overtaken = 0;
        for (int seed = 0; seed < 40; seed++) {
            long least = new LogNeeds(4, 1).leastSectors();
            // From a log that takes a single block to one that hardly matters.
            World world = new World(most, least + 8L * (seed % 8) * (seed % 8));
            Random random = new Random(seed);
            for (int step = 0; step < 60; step++) {
                int choice = random.nextInt(10);
                if (choice < 4 && world.queue.size() < 5) {
                    Caller caller = randomRequest(world, random);
                    overtaken += !world.queue.isEmpty() && world.overtakes(caller) && world.hasRoom(caller) ? 1 : 0;
                    world.start(caller);
                } else if (choice == 4 && world.queue.size() < 5) {
                    world.start(new Caller(world, true, List.of()));
                } else if (choice < 7 && !world.in.isEmpty()) {
                    Caller caller = world.in.get(random.nextInt(world.in.size()));
                    if (random.nextBoolean()) {
                        world.cacheOne(caller);
                    } else {
                        world.leave(caller);
                    }
                } else {
                    step(world, random);
                }
            }
            drain(world, random);
        }
        assertTrue(most == 1 || overtaken > 0, "nobody ever came in before others");
    }

    private static Caller randomRequest(World world, Random random) {
        int stripes = 1 + random.nextInt(Math.min(world.most, 3));
        int first = random.nextInt(WORLD_STRIPES - stripes + 1);
        int slots = 1 + random.nextInt(7);
        long least = world.capacitySectors - 8;
        Caller caller = new Caller(world, false, runs(world, first, stripes, slots));
        // As the writer cuts its requests: each alone must fit an empty log.
        boolean fits = least - LogNeeds.KEPT_SECTORS - world.sectorsOf(caller) >= LogPressure.needSectors(0, 4, 1);
        return fits ? caller : new Caller(world, false, runs(world, first, 1, 1));
    }

    private static List<RunWrite> runs(World world, int first, int stripes, int slots) {
        return List.of(TestRuns.of(world.geometry, first * 8L, stripes, slots, (byte) 1));
    }

    private static void step(World world, Random random) {
        boolean aloneIn = !world.queue.isEmpty() && world.queue.getFirst().in;
        if (aloneIn) {
            world.queue.removeFirst();
            world.admission.leaveAlone();
            world.settle();
        } else if (!world.cached.isEmpty()) {
            List<Long> stripes = new ArrayList<>(world.cached);
            world.writeOut(stripes.get(random.nextInt(stripes.size())));
        }
    }

    /** All who wait come in once those who are in leave and what is cached is written out. */
    private static void drain(World world, Random random) {
        for (int left = 0; left < 200 && !(world.queue.isEmpty() && world.in.isEmpty()); left++) {
            if (!world.in.isEmpty()) {
                world.leave(world.in.getFirst());
            }
            step(world, random);
        }
        assertTrue(world.queue.isEmpty() && world.in.isEmpty(), "somebody waits for ever");
        world.cache.close();
    }

    @Test
    void aLogThatTakesNoMoreHoldsNobodyUp() {
        World world = new World(2, new LogNeeds(4, 1).leastSectors());
        world.start(new Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.in.getFirst());
        Caller waiting = new Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        World.await("who is next asks for no room", () -> world.roomAsked.get() > 0);
        assertTrue(!waiting.in);
        world.log.broken = true;
        world.admission.roomMayHaveChanged();
        World.await("a log that takes no more holds somebody up", () -> waiting.in);
        world.cache.close();
    }

    @Test
    void whoeverWaitsForRoomThatCannotComeIsRefused() {
        World world = new World(2, new LogNeeds(4, 1).leastSectors());
        world.start(new Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.in.getFirst());
        Caller waiting = new Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        World.await("who is next asks for no room", () -> world.roomAsked.get() > 0);
        world.log.hostFull = true;
        world.admission.roomMayHaveChanged();
        World.await("a full host keeps a request waiting", () -> waiting.refused);
        assertEquals(0, world.admission.waiters());
        world.cache.close();
    }

    @Test
    void spareLogIsWhatNobodyWasPromised() {
        World world = new World(6, 8 * 64);
        long spare = world.log.freeSectors() - LogNeeds.KEPT_SECTORS - LogPressure.needSectors(0, 4, 1);
        assertTrue(!world.admission.takeSpare(spare + 8));
        assertTrue(world.admission.takeSpare(spare));
        assertTrue(!world.admission.takeSpare(8), "taken twice");
        world.admission.giveSpare(spare);
        world.start(new Caller(world, false, runs(world, 0, 2, 3)));
        long promised = world.sectorsOf(world.in.getFirst());
        assertTrue(!world.admission.takeSpare(spare - promised + 8));
        assertTrue(world.admission.takeSpare(spare - promised));
        world.cache.close();
    }

    /**
     * Requests, write-out and those who must be alone, all at once: each comes to its end, nobody is in beside one
     * alone.
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
        Runnable makeRoom = () -> {
            // As in the write path: one at a time, and whoever waits is told only where that made a difference.
            synchronized (writingOut) {
                boolean any = false;
                for (long stripe : world.cache.oldest(WORLD_STRIPES)) {
                    world.cache.remove(world.lease, TestRuns.of(world.geometry, stripe, 1, 1, (byte) 1));
                    any = true;
                }
                if (any) {
                    admission[0].roomMayHaveChanged();
                }
            }
        };
        admission[0] = new CacheAdmission(world.needs, world.log, world.cache, most, makeRoom);
        try (ExecutorService threads = Executors.newFixedThreadPool(9)) {
            List<Future<?>> requests = new ArrayList<>();
            for (int number = 0; number < 8; number++) {
                Random random = new Random(number);
                requests.add(threads.submit(() -> {
                    for (int n = 0; n < 1500; n++) {
                        List<RunWrite> runs = runs(world, random.nextInt(WORLD_STRIPES), 1, 1 << random.nextInt(3));
                        long sectors = admission[0].enter(runs);
                        inside.incrementAndGet();
                        if (random.nextInt(3) > 0) {
                            synchronized (writingOut) {
                                world.cache.put(world.lease, runs.getFirst(), () -> () -> {});
                            }
                        }
                        assertTrue(world.cache.places() <= most + 8, "transient claims of those who wait, no more");
                        inside.decrementAndGet();
                        admission[0].leave(runs, sectors);
                    }
                    return null;
                }));
            }
            Future<?> alone = threads.submit(() -> {
                while (end.getCount() > 0) {
                    admission[0].enterAlone();
                    together.addAndGet(inside.get());
                    makeRoom.run();
                    assertTrue(world.cache.size() == 0);
                    admission[0].leaveAlone();
                    LockSupport.parkNanos(200_000);
                }
            });
            for (Future<?> request : requests) {
                request.get(60, TimeUnit.SECONDS);
            }
            end.countDown();
            alone.get(10, TimeUnit.SECONDS);
        }
        assertEquals(0, together.get(), "somebody was in beside one who must be alone");
        assertEquals(0, admission[0].waiters());
        world.cache.close();
    }
}
