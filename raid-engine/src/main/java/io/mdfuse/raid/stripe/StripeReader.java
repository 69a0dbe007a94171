package io.mdfuse.raid.stripe;

import io.mdfuse.device.BufferPool;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one slot of some stripes, from its member or, where that can't be read, solved from all the others.
 *
 * <p>The caller holds the stripes: a solution is right only while data and parity belong together. Any byte range
 * of a slot can be solved alone, as each byte of P covers the bytes at its own place.
 */
public final class StripeReader {
    private static final Logger LOG = LoggerFactory.getLogger(StripeReader.class);

    /** How much is solved at a time. */
    private static final int TILE_BYTES = 64 * 1024;

    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final BufferPool tiles;

    /**
     * Makes a reader.
     *
     * @param solvers how many threads may solve at once, at most
     */
    public StripeReader(MemberSet members, SyncPosition syncPosition, int solvers) {
        this.members = members;
        this.syncPosition = syncPosition;
        this.tiles = new BufferPool(TILE_BYTES, solvers);
    }

    /**
     * Fills {@code target} from {@code memberOffsetBytes} of {@code slot}.
     *
     * @throws IOException where the bytes are truly lost: neither the member nor the others can give them
     */
    public void read(int slot, long memberOffsetBytes, MemorySegment target) throws IOException {
        Member member = members.inSync(slot);
        if (member == null) {
            solve(slot, memberOffsetBytes, target, null);
            return;
        }
        try {
            member.read(memberOffsetBytes, target);
        } catch (DeviceException e) {
            LOG.warn("{}; solving it from the other members", e.getMessage());
            solve(slot, memberOffsetBytes, target, e);
        }
    }

    private void solve(int slot, long memberOffsetBytes, MemorySegment target, @Nullable DeviceException cause)
            throws IOException {
        long endBytes = memberOffsetBytes + target.byteSize();
        long fromStripe = Sectors.roundDown(memberOffsetBytes, Sectors.BLOCK_BYTES) / Sectors.BYTES;
        if (!syncPosition.trustsParity(fromStripe, Sectors.roundUp(endBytes, Sectors.BLOCK_BYTES) / Sectors.BYTES)) {
            throw new IOException(
                    "slot " + slot + " at member offset " + memberOffsetBytes
                            + " is lost: its member can't be read, and parity is not synced there yet",
                    cause);
        }
        try (BufferPool.Lease lease = tiles.acquire()) {
            for (long done = 0; done < target.byteSize(); done += TILE_BYTES) {
                long tileBytes = Math.min(TILE_BYTES, target.byteSize() - done);
                MemorySegment sum = target.asSlice(done, tileBytes);
                solveTile(slot, memberOffsetBytes + done, sum, lease.segment().asSlice(0, tileBytes), cause);
            }
        }
    }

    private void solveTile(
            int slot, long memberOffsetBytes, MemorySegment sum, MemorySegment tile, @Nullable DeviceException cause)
            throws IOException {
        sum.fill((byte) 0);
        for (int other = 0; other < members.size(); other++) {
            if (other == slot) {
                continue;
            }
            Member survivor = members.inSync(other);
            if (survivor == null) {
                throw new IOException(
                        "slot " + slot + " at member offset " + memberOffsetBytes + " is lost: slot " + other
                                + " is missing too",
                        cause);
            }
            survivor.read(memberOffsetBytes, tile);
            XorParity.add(sum, tile);
        }
    }

    /** Frees the buffers. */
    public void close() {
        tiles.close();
    }
}
