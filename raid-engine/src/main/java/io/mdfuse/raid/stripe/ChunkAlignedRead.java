package io.mdfuse.raid.stripe;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.member.Transfers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read path: one chunk at a time, straight from the member into the caller's buffer, without a lock. If stripes of
 * the chunk row are cached, each block is looked up in the {@link StripeCache} first. A chunk that its member can't
 * read is solved under a lease on its stripes.
 */
public final class ChunkAlignedRead implements VolumeReader {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkAlignedRead.class);

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final BigStripeTree bigStripeTree;
    private final StripeCache stripeCache;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final ReadStreams streams = new ReadStreams();

    /** Creates the read path of one array. */
    public ChunkAlignedRead(
            ArrayGeometry geometry,
            MemberSet members,
            BigStripeTree bigStripeTree,
            StripeCache stripeCache,
            StripeLocks locks,
            StripeReader stripeReader) {
        this.geometry = geometry;
        this.members = members;
        this.bigStripeTree = bigStripeTree;
        this.stripeCache = stripeCache;
        this.locks = locks;
        this.stripeReader = stripeReader;
    }

    @Override
    public long sizeBytes() {
        return geometry.arrayBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        int chunkBytes = geometry.chunkBytes();
        announceNext(offsetBytes, target.byteSize());
        boolean severalChunks = offsetBytes % chunkBytes + target.byteSize() > chunkBytes;
        if (severalChunks && members.waitForTransfers() && MemberSet.isForAllThreads(target)) {
            members.sideBySide(readsOfEachSlot(offsetBytes, target));
            return;
        }
        for (long done = 0; done < target.byteSize(); ) {
            MemorySegment piece = piece(offsetBytes, target, done);
            readPiece(offsetBytes + done, piece);
            done += piece.byteSize();
        }
    }

    /** The part of a request that begins after {@code done} bytes and ends with its chunk. */
    private MemorySegment piece(long offsetBytes, MemorySegment target, long done) {
        int chunkBytes = geometry.chunkBytes();
        long untilEnd = chunkBytes - (offsetBytes + done) % chunkBytes;
        return target.asSlice(done, Math.min(untilEnd, target.byteSize() - done));
    }

    /** The reads from each slot, in ascending order. */
    private List<Transfers> readsOfEachSlot(long offsetBytes, MemorySegment target) {
        List<List<Transfers>> bySlot = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            bySlot.add(new ArrayList<>());
        }
        for (long done = 0; done < target.byteSize(); ) {
            long at = offsetBytes + done;
            MemorySegment piece = piece(offsetBytes, target, done);
            bySlot.get(geometry.slotOf(at / Sectors.BYTES)).add(() -> readPiece(at, piece));
            done += piece.byteSize();
        }
        return bySlot.stream()
                .filter(reads -> !reads.isEmpty())
                .<Transfers>map(reads -> () -> {
                    for (Transfers read : reads) {
                        read.run();
                    }
                })
                .toList();
    }

    /**
     * Has the members load the chunks after the first one while the first one is read, and, if the read continues an
     * earlier one, what the stream will read next; but for what the stream has announced before.
     */
    private void announceNext(long offsetBytes, long lengthBytes) {
        int chunkBytes = geometry.chunkBytes();
        long endBytes = offsetBytes + lengthBytes;
        long announcedEnd = streams.note(offsetBytes, lengthBytes);
        long aheadBytes = announcedEnd == ReadStreams.NO_STREAM ? 0 : ReadStreams.AHEAD_BYTES;
        long secondChunk = offsetBytes - offsetBytes % chunkBytes + chunkBytes;
        announce(Math.max(announcedEnd, secondChunk), Math.min(endBytes + aheadBytes, sizeBytes()));
    }

    private void announce(long fromBytes, long endBytes) {
        int chunkBytes = geometry.chunkBytes();
        for (long at = fromBytes; at < endBytes; at += chunkBytes - at % chunkBytes) {
            long pieceBytes = Math.min(chunkBytes - at % chunkBytes, endBytes - at);
            Place place = place(at, pieceBytes);
            Member member = readable(place);
            if (member != null) {
                member.prefetch(place.memberOffsetBytes(), pieceBytes);
            }
        }
    }

    private void readPiece(long offsetBytes, MemorySegment target) throws IOException {
        long arraySector = offsetBytes / Sectors.BYTES;
        if (bigStripeTree.isCached(geometry.rowOf(arraySector))) {
            readCached(offsetBytes, target);
        } else {
            readMember(offsetBytes, target);
        }
    }

    /**
     * Reads each block from the cache or else from its member. The cache is looked up first: if a block is not there,
     * its newest bytes are on the member; if it is removed afterwards, it was written to the member before.
     */
    private void readCached(long offsetBytes, MemorySegment target) throws IOException {
        long endBytes = offsetBytes + target.byteSize();
        long missedFrom = offsetBytes;
        for (long at = offsetBytes; at < endBytes; ) {
            int offsetInBlock = (int) (at % Sectors.BLOCK_BYTES);
            long lengthBytes = Math.min(Sectors.BLOCK_BYTES - offsetInBlock, endBytes - at);
            long arraySector = (at - offsetInBlock) / Sectors.BYTES;
            boolean cached = stripeCache.read(
                    geometry.stripeSectorOf(arraySector),
                    geometry.dataIndexOf(arraySector),
                    offsetInBlock,
                    target.asSlice(at - offsetBytes, lengthBytes));
            if (cached) {
                readMember(missedFrom, target.asSlice(missedFrom - offsetBytes, at - missedFrom));
                missedFrom = at + lengthBytes;
            }
            at += lengthBytes;
        }
        readMember(missedFrom, target.asSlice(missedFrom - offsetBytes, endBytes - missedFrom));
    }

    private void readMember(long offsetBytes, MemorySegment target) throws IOException {
        if (target.byteSize() == 0) {
            return;
        }
        Place place = place(offsetBytes, target.byteSize());
        Member member = readable(place);
        if (member != null) {
            try {
                member.read(place.memberOffsetBytes(), target);
                return;
            } catch (DeviceException e) {
                LOG.debug("straight read failed, trying again under a lease on the stripes: {}", e.getMessage());
            }
        }
        try (StripeLocks.Lease lease = locks.lock(place.stripes())) {
            stripeReader.read(lease, place.slot(), place.memberOffsetBytes(), target);
        }
    }

    /** Where a part of one chunk is: its slot, its position on that slot's member, and the stripes that it touches. */
    private record Place(int slot, long memberOffsetBytes, StripeRange stripes) {}

    private Place place(long offsetBytes, long lengthBytes) {
        long arraySector = offsetBytes / Sectors.BYTES;
        long memberOffsetBytes = Sectors.toBytes(geometry.stripeSectorOf(arraySector)) + offsetBytes % Sectors.BYTES;
        return new Place(
                geometry.slotOf(arraySector),
                memberOffsetBytes,
                StripeRange.coveringBytes(memberOffsetBytes, lengthBytes));
    }

    /** The member that can be read there; null if the content has to be solved. */
    private @Nullable Member readable(Place place) {
        return members.readable(place.slot(), place.stripes().endSector());
    }
}
