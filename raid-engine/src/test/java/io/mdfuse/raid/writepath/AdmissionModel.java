package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.lock.SimulatedThread;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.BigStripeTree;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A {@link CacheAdmission} with a cache and a log, and the single-threaded model that it is compared with. */
final class AdmissionModel implements AutoCloseable {
    /** A log that only counts. */
    static final class CountedLog implements CacheAdmission.Log {
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
    static final class Caller {
        final boolean exclusive;
        final List<RunWrite> runs;
        final Thread thread;
        volatile boolean admitted;
        volatile boolean refused;

        Caller(AdmissionModel world, boolean exclusive, List<RunWrite> runs) {
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

    final ArrayGeometry geometry = new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 4, 64, 64);
    final StripeCache cache = new StripeCache(geometry, new BigStripeTree());
    final StripeLocks.Lease lease = new SimulatedThread().call(() -> new StripeLocks().lockAll());
    final LogNeeds needs = new LogNeeds(geometry);
    final AtomicInteger spaceRequests = new AtomicInteger();
    final long capacitySectors;
    final int most;
    final CountedLog log;
    final CacheAdmission admission;

    final Set<Long> cached = new HashSet<>();
    final List<Caller> admitted = new ArrayList<>();
    final List<Caller> queue = new ArrayList<>();

    AdmissionModel(int most, long capacitySectors) {
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
        await("neither admitted nor queued", () -> now ? caller.admitted : admission.waitingRequests() == queue.size());
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
        assertTrue(log.freeSectors() - LogNeeds.KEPT_SECTORS - reserved() >= need, "no log space for all reservations");
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

    @Override
    public void close() {
        cache.close();
    }
}
