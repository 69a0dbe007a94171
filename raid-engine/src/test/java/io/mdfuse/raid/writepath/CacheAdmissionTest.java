package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.VersionedRuns;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6})
    void theAdmittedRequestsAreThoseOfTheModel(int most) {
        int overtaken = 0;
        for (int seed = 0; seed < 40; seed++) {
            long least = new LogNeeds(4, 1).leastSectors();
            // From a log that fits a single block to one that is hardly a limit.
            AdmissionModel world = new AdmissionModel(most, least + 8L * (seed % 8) * (seed % 8));
            Random random = new Random(seed);
            for (int step = 0; step < 60; step++) {
                int choice = random.nextInt(10);
                if (choice < 4 && world.queue.size() < 5) {
                    AdmissionModel.Caller caller = randomRequest(world, random);
                    overtaken += !world.queue.isEmpty() && world.overtakes(caller) && world.hasSpace(caller) ? 1 : 0;
                    world.start(caller);
                } else if (choice == 4 && world.queue.size() < 5) {
                    world.start(new AdmissionModel.Caller(world, true, List.of()));
                } else if (choice < 7 && !world.admitted.isEmpty()) {
                    AdmissionModel.Caller caller = world.admitted.get(random.nextInt(world.admitted.size()));
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

    private static AdmissionModel.Caller randomRequest(AdmissionModel world, Random random) {
        int stripes = 1 + random.nextInt(Math.min(world.most, 3));
        int first = random.nextInt(WORLD_STRIPES - stripes + 1);
        int slots = 1 + random.nextInt(7);
        long least = world.capacitySectors - 8;
        AdmissionModel.Caller caller = new AdmissionModel.Caller(world, false, runs(world, first, stripes, slots));
        // As RequestWriter cuts its pieces: each by itself must fit an empty log.
        boolean fits = least - LogNeeds.KEPT_SECTORS - world.sectorsOf(caller) >= LogPressure.needSectors(0, 4, 1);
        return fits ? caller : new AdmissionModel.Caller(world, false, runs(world, first, 1, 1));
    }

    private static List<RunWrite> runs(AdmissionModel world, int first, int stripes, int slots) {
        return List.of(VersionedRuns.of(world.geometry, first * 8L, stripes, slots, (byte) 1));
    }

    private static void step(AdmissionModel world, Random random) {
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
    private static void drain(AdmissionModel world, Random random) {
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
        AdmissionModel world = new AdmissionModel(2, new LogNeeds(4, 1).leastSectors());
        world.start(new AdmissionModel.Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.admitted.getFirst());
        AdmissionModel.Caller waiting = new AdmissionModel.Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        AdmissionModel.await("the next request asks for no space", () -> world.spaceRequests.get() > 0);
        assertTrue(!waiting.admitted);
        world.log.broken = true;
        world.admission.spaceMayHaveChanged();
        AdmissionModel.await("a log that rejects appends blocks a request", () -> waiting.admitted);
        world.cache.close();
    }

    @Test
    void aRequestIsRefusedIfNoSpaceCanBeFreed() {
        AdmissionModel world = new AdmissionModel(2, new LogNeeds(4, 1).leastSectors());
        world.start(new AdmissionModel.Caller(world, false, runs(world, 0, 1, 1)));
        world.cacheOne(world.admitted.getFirst());
        AdmissionModel.Caller waiting = new AdmissionModel.Caller(world, false, runs(world, 3, 1, 1));
        world.start(waiting);
        AdmissionModel.await("the next request asks for no space", () -> world.spaceRequests.get() > 0);
        world.log.hostFull = true;
        world.admission.spaceMayHaveChanged();
        AdmissionModel.await("a full host keeps a request waiting", () -> waiting.refused);
        assertEquals(0, world.admission.waitingRequests());
        world.cache.close();
    }

    @Test
    void spareLogSpaceIsUnreserved() {
        AdmissionModel world = new AdmissionModel(6, 8 * 64);
        long spare = world.log.freeSectors() - LogNeeds.KEPT_SECTORS - LogPressure.needSectors(0, 4, 1);
        assertTrue(!world.admission.tryReserveSpare(spare + 8));
        assertTrue(world.admission.tryReserveSpare(spare));
        assertTrue(!world.admission.tryReserveSpare(8), "taken twice");
        world.admission.releaseSpare(spare);
        world.start(new AdmissionModel.Caller(world, false, runs(world, 0, 2, 3)));
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
        AdmissionModel world = new AdmissionModel(most, new LogNeeds(4, 1).leastSectors() + 8L * (most - 1) * 12);
        AdmissionRace race = new AdmissionRace(world, most);
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(9)) {
            List<Future<?>> requests = new ArrayList<>();
            for (int number = 0; number < 8; number++) {
                Random random = new Random(number);
                requests.add(threads.submit(() -> {
                    for (int n = 0; n < 1500; n++) {
                        race.request(random);
                    }
                    return null;
                }));
            }
            Future<?> exclusive = threads.submit(() -> {
                while (end.getCount() > 0) {
                    race.exclusiveRequest();
                    LockSupport.parkNanos(200_000);
                }
            });
            for (Future<?> request : requests) {
                request.get(60, TimeUnit.SECONDS);
            }
            end.countDown();
            exclusive.get(10, TimeUnit.SECONDS);
        }
        assertEquals(0, race.together.get(), "a request was admitted beside an exclusive one");
        assertEquals(0, race.admission.waitingRequests());
        world.cache.close();
    }

    /** What the threads of the race share; each method may be called by any of them. */
    private static final class AdmissionRace {
        private final AdmissionModel world;
        private final int most;
        private final CacheAdmission admission;
        private final Object writingOut = new Object();
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger together = new AtomicInteger();

        AdmissionRace(AdmissionModel world, int most) {
            this.world = world;
            this.most = most;
            this.admission = new CacheAdmission(world.needs, world.log, world.cache, most);
            admission.whenSpaceIsShort(this::freeSpace);
        }

        /** As in the write path: one at a time, and waiting requests are notified only if space was freed. */
        private void freeSpace() {
            synchronized (writingOut) {
                boolean any = false;
                for (long stripe : world.cache.oldest(WORLD_STRIPES)) {
                    world.writeOutTo(Arena.ofAuto(), stripe);
                    any = true;
                }
                if (any) {
                    admission.spaceMayHaveChanged();
                }
            }
        }

        void request(Random random) throws Exception {
            List<RunWrite> runs = runs(world, random.nextInt(WORLD_STRIPES), 1, 1 << random.nextInt(3));
            long sectors = admission.admit(runs);
            inside.incrementAndGet();
            if (random.nextInt(3) > 0) {
                synchronized (writingOut) {
                    world.cache.put(world.lease, runs.getFirst(), () -> () -> {});
                }
            }
            assertTrue(world.cache.slotsInUse() <= most + 8, "at most transient reservations of waiting requests");
            inside.decrementAndGet();
            admission.release(runs, sectors);
        }

        void exclusiveRequest() {
            admission.admitExclusively();
            together.addAndGet(inside.get());
            freeSpace();
            assertTrue(world.cache.size() == 0);
            admission.releaseExclusive();
        }
    }
}
