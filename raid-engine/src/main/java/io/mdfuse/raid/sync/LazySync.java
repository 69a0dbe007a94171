package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.writepath.ChunkSyncs;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the parity of chunks that were written for the first time, chunk by chunk, while the array is in use: md's lazy
 * recovery of an array with a lockless bitmap. The first write of a chunk made parity in its own stripes only; until
 * the chunk is synced, each further write reads all data of its stripes, and nothing can be compared.
 *
 * <p>Every write to such a chunk makes parity from all data, before and after this pass has come to its stripe. So when
 * the last stripe was passed, the parity of all is valid, unless a write has failed meanwhile; the
 * {@link ChunkSyncs} knows that. A crash changes nothing: the chunk is synced at the next mount.
 *
 * <p>A chunk with a block that can't be read is left as it is: its parity may be all that is left of the block.
 */
public final class LazySync extends BackgroundPass {
    private static final Logger LOG = LoggerFactory.getLogger(LazySync.class);

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final ChunkSyncs syncs;
    private final Executor executor;
    private volatile long position;

    /**
     * A pass over the chunks that need it now.
     *
     * @param executor reads and writes the members at the same time
     */
    public LazySync(PassParts parts, ChunkSyncs syncs, Executor executor) {
        super(parts, "resync", PassEvents.unreported("the first parity of chunks"));
        this.geometry = parts.geometry();
        this.members = parts.members();
        this.locks = parts.locks();
        this.syncs = syncs;
        this.executor = executor;
    }

    @Override
    long positionSector() {
        return position;
    }

    @Override
    boolean mustStop() {
        return super.mustStop() || members.degraded() > 0 || members.isBroken();
    }

    @Override
    PassOutcome pass() throws IOException, InterruptedException {
        try (ParityRepair parityRepair = new ParityRepair(geometry, members, 0, executor)) {
            for (int chunk = syncs.next(0); chunk >= 0; chunk = syncs.next(chunk + 1)) {
                syncs.beginSync(chunk);
                boolean unreadable = false;
                boolean whole = false;
                try {
                    whole = sync(parityRepair, syncs.stripesOf(chunk, geometry.memberSectors()));
                } catch (DeviceException e) {
                    unreadable = true;
                    LOG.warn("the parity of a chunk can't be made: {}", e.getMessage());
                } finally {
                    if (whole) {
                        syncs.synced(chunk);
                    } else {
                        syncs.notSynced(chunk, unreadable);
                    }
                }
                if (mustStop()) {
                    return PassOutcome.stopped(position);
                }
            }
        }
        return PassOutcome.done(geometry.memberSectors(), "");
    }

    /** False if the pass must stop before the last of these stripes. */
    private boolean sync(ParityRepair parityRepair, StripeRange chunk) throws IOException, InterruptedException {
        position = chunk.fromSector();
        while (position < chunk.endSector()) {
            if (mustStop()) {
                return false;
            }
            long from = position;
            long end = Math.min(parityRepair.rangeEnd(from), chunk.endSector());
            StripeRange range = StripeRange.covering(from, end);
            try (StripeLocks.Lease lease = locks.lock(range)) {
                parityRepair.repair(lease, range);
                parityRepair.write(lease);
                hostHasSpace();
            } catch (NoSpaceException e) {
                // The lease is released here.
                awaitHostSpace(e);
                continue;
            } finally {
                parityRepair.discard();
            }
            position = end;
            keepPace(end - from);
        }
        return !mustStop();
    }
}
