package io.mdfuse.raid.writepath;

import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.PplEntry;
import io.mdfuse.raid.superblock.PplHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * md's partial parity log: before data and parity of a stripe are written, the XOR of its unwritten data blocks is on
 * the medium of the stripe's parity member. After a crash, parity is made from that XOR and the content of the written
 * blocks, so the blocks that were not written can still be solved, even with a member missing.
 *
 * <p>Writes proceed in <b>rounds</b>, because a log is in force only until the next one replaces it:
 *
 * <pre>
 *           all writes of the previous round have ended
 *   QUEUED ─────────────────────────────────────▶ members flushed ▶ logs written ▶ flushed ▶ ADMITTED ──end()──▶
 * </pre>
 *
 * A round admits all waiting requests that fit the logs. The first request that finds the previous round ended leads
 * it.
 *
 * <p>A crash: 1 the members are flushed, so no log is needed. 2 some new logs are on their members: they belong to
 * stripes that are not written yet, and give the parity that those have. 3 the logs are flushed; writes reach the
 * members in any order; the next mount makes the parity of these stripes and of no others.
 *
 * <p>A log on a dirty array says that no other stripes than its own need a resync. While that is not true, all logs are
 * empty and rounds log nothing: before parity is correct everywhere, during a trim, and after a write has failed.
 * Thread-safe.
 */
public final class PartialParityLog implements WriteIntent {
    /** A request's runs, from its arrival until its round is durable. */
    private static final class Request {
        private final List<RunWrite> runs;
        /** Of the runs whose data only the requesting thread may read, made by that thread. */
        private final Map<RunWrite, MemorySegment> partials;

        private boolean admitted;
        private @Nullable IOException failure;

        Request(List<RunWrite> runs, Map<RunWrite, MemorySegment> partials) {
            this.runs = runs;
            this.partials = partials;
        }
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final PartialParityDisks disks;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer;

    private final RankedLock lock = new RankedLock(LockRank.PARTIAL_PARITY_LOG);
    private final Condition changed = lock.newCondition();
    private final Deque<Request> queue = new ArrayDeque<>();
    private boolean leading;
    private int outstanding;
    private int trims;
    private boolean doubtful;

    /**
     * Begins with areas whose logs are all empty.
     *
     * @param areas by device number, of every device that is written to
     */
    public PartialParityLog(
            ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, Map<Integer, PplArea> areas) {
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.disks = new PartialParityDisks(members, areas);
        this.buffer = UntouchedMemory.allocate(arena, PplHeader.BYTES + (long) disks.capacityBytes());
    }

    /** Small enough for the partial parity of a request to fit, even when the request is widened to whole blocks. */
    @Override
    public int largestRequestBytes() {
        return Math.max(PplHeader.BYTES, disks.capacityBytes() / PplHeader.BYTES * PplHeader.BYTES - PplHeader.BYTES);
    }

    @Override
    public void attach(FoundDevice device) throws IOException {
        disks.attach(device);
    }

    @Override
    public void begin(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        runs.forEach(run -> lease.require(run.stripes()));
        log(runs);
    }

    private void log(List<RunWrite> runs) throws IOException {
        // Recovery must not make parity that is listed as bad.
        List<RunWrite> logged = runs.stream().filter(run -> !run.parityIsLost()).toList();
        Request mine = new Request(logged, partialsOfOneThread(logged));
        lock.lock();
        try {
            queue.add(mine);
            awaitRound(mine);
        } finally {
            lock.unlock();
        }
        if (mine.failure != null) {
            throw new IOException(mine.failure.getMessage(), mine.failure);
        }
    }

    /** The request that leads a round is mostly another thread's, and may not read memory of a confined arena. */
    private Map<RunWrite, MemorySegment> partialsOfOneThread(List<RunWrite> runs) {
        Map<RunWrite, MemorySegment> partials = new HashMap<>();
        for (RunWrite run : runs) {
            if (partialBytes(run) > 0 && !run.isForAllThreads()) {
                MemorySegment partial = Arena.ofAuto().allocate(partialBytes(run), PplHeader.BYTES);
                makePartial(run, partial);
                partials.put(run, partial);
            }
        }
        return partials;
    }

    private void awaitRound(Request mine) {
        while (!mine.admitted) {
            if (leading || outstanding > 0) {
                changed.awaitUninterruptibly();
            } else {
                lead();
            }
        }
    }

    private void lead() {
        List<Request> batch = takeBatch();
        boolean logging = syncPosition.inSync() && trims == 0 && !doubtful;
        leading = true;
        IOException failure = null;
        lock.unlock();
        try {
            startRound(logging ? batch : List.of());
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new IOException("the partial parity log failed: " + e, e);
        } finally {
            lock.lock();
            leading = false;
            for (Request request : batch) {
                request.admitted = true;
                request.failure = failure;
            }
            outstanding = failure == null
                    ? (int) batch.stream().filter(r -> !r.runs.isEmpty()).count()
                    : 0;
            changed.signalAll();
        }
    }

    /** Removes the requests of the next round from the queue, in order: as many as fit every log, at least one. */
    private List<Request> takeBatch() {
        List<Request> batch = new ArrayList<>();
        Map<Integer, Long> bytes = new TreeMap<>();
        Map<Integer, Integer> entries = new TreeMap<>();
        for (Request next = queue.peek(); next != null; next = queue.peek()) {
            for (RunWrite run : next.runs) {
                int slot = geometry.parityP(run.row());
                bytes.merge(slot, partialBytes(run), Long::sum);
                entries.merge(slot, 1, Integer::sum);
            }
            boolean fits = bytes.values().stream().allMatch(sum -> sum <= disks.capacityBytes())
                    && entries.values().stream().allMatch(count -> count <= PplHeader.MAX_ENTRIES);
            if (!fits && !batch.isEmpty()) {
                break;
            }
            batch.add(queue.remove());
        }
        return batch;
    }

    private long partialBytes(RunWrite run) {
        return run.writtenSlots() == geometry.dataDisks() ? 0 : run.bytesPerSlot();
    }

    private void startRound(List<Request> batch) throws IOException {
        if (batch.isEmpty() && !disks.anyInForce()) {
            return;
        }
        members.flush();
        if (batch.isEmpty()) {
            disks.writeEmpty();
        }
        Map<Integer, List<RunWrite>> bySlot = new TreeMap<>();
        Map<RunWrite, MemorySegment> partials = new HashMap<>();
        for (Request request : batch) {
            partials.putAll(request.partials);
            for (RunWrite run : request.runs) {
                bySlot.computeIfAbsent(geometry.parityP(run.row()), _ -> new ArrayList<>())
                        .add(run);
            }
        }
        for (Map.Entry<Integer, List<RunWrite>> entry : bySlot.entrySet()) {
            writeLog(entry.getKey(), entry.getValue(), partials);
        }
        members.flush();
    }

    private void writeLog(int slot, List<RunWrite> runs, Map<RunWrite, MemorySegment> partials) throws IOException {
        List<PplEntry> entries = new ArrayList<>(runs.size());
        long at = PplHeader.BYTES;
        for (RunWrite run : runs) {
            MemorySegment partial = buffer.asSlice(at, partialBytes(run));
            MemorySegment made = partials.get(run);
            if (made != null) {
                partial.copyFrom(made);
            } else if (partial.byteSize() > 0) {
                makePartial(run, partial);
            }
            entries.add(makeEntry(slot, run, partial));
            at += partial.byteSize();
        }
        disks.write(slot, entries, buffer.asSlice(0, at));
    }

    /** The XOR of new parity and new data is the XOR of the unwritten data. */
    private void makePartial(RunWrite run, MemorySegment partial) {
        partial.copyFrom(run.p());
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment written = run.newData(index);
            if (written != null) {
                XorParity.add(partial, written);
            }
        }
    }

    private PplEntry makeEntry(int slot, RunWrite run, MemorySegment partial) {
        int first = 0;
        while (first < geometry.dataDisks() - 1 && run.newData(first) == null) {
            first++;
        }
        CRC32C crc = new CRC32C();
        crc.update(partial.asByteBuffer());
        return new PplEntry(
                geometry.arraySectorOf(run.stripeSector(), first),
                partial.byteSize(),
                run.bytesPerSlot() * run.writtenSlots(),
                slot,
                (int) crc.getValue());
    }

    @Override
    public void end(List<RunWrite> runs, boolean written) {
        lock.lock();
        try {
            doubtful |= !written;
            outstanding--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns once no log is in force; none comes into force until {@link #endTrim}. Writes proceed meanwhile, since
     * they may have leases that the trim waits for.
     */
    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        lock.lock();
        try {
            trims++;
        } finally {
            lock.unlock();
        }
        try {
            log(List.of());
        } catch (IOException | RuntimeException e) {
            endTrim(stripes, true);
            throw e;
        }
    }

    @Override
    public void endTrim(StripeRange stripes, boolean trimmed) {
        lock.lock();
        try {
            trims--;
            doubtful |= !trimmed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
