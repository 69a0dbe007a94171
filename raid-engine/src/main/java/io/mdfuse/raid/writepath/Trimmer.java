package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeParts;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes ranges read as zeros. Complete chunk rows are trimmed on every member, parity included, since the parity of
 * zeros is zero; the rest at both ends is written with zeros like any other data.
 *
 * <p>A crash in the middle of a trim: 1 the log has no record of these rows any more, and the superblocks say that the
 * array is dirty, flushed. 2 some members are trimmed, some are not. 3 the next mount resyncs: each block reads as
 * before or as zeros, and parity matches. With a member missing or a block listed as bad that resync would be
 * impossible, so zeros are written instead.
 */
public final class Trimmer {
    /** Bytes of each member that are trimmed under one lease, which bounds the time that a write may have to wait. */
    private static final long BATCH_BYTES_PER_MEMBER = 1L << 30;

    private static final int ZEROS_BYTES = 256 * 1024;
    private static final MemorySegment ZEROS =
            Arena.global().allocate(ZEROS_BYTES, Sectors.BLOCK_BYTES).asReadOnly();

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final RequestWriter requestWriter;
    private final WritePath writePath;

    /**
     * Creates the trimmer of one array.
     *
     * @param requestWriter writes the zeros that can't be trimmed
     */
    public Trimmer(StripeParts stripes, RequestWriter requestWriter, WritePath writePath) {
        this.geometry = stripes.geometry();
        this.members = stripes.members();
        this.locks = stripes.locks();
        this.requestWriter = requestWriter;
        this.writePath = writePath;
    }

    /** Makes a range of the volume read as zeros; durable after a flush. */
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        long rowBytes = Sectors.toBytes(geometry.rowSectors());
        long endBytes = offsetBytes + lengthBytes;
        long firstRow = Sectors.roundUp(offsetBytes, rowBytes) / rowBytes;
        long endRow = endBytes / rowBytes;
        if (firstRow >= endRow) {
            writeZeros(offsetBytes, endBytes);
            return;
        }
        writeZeros(offsetBytes, firstRow * rowBytes);
        long batchRows = Math.max(1, BATCH_BYTES_PER_MEMBER / geometry.chunkBytes());
        for (long row = firstRow; row < endRow; row += batchRows) {
            trimRows(row, Math.min(endRow, row + batchRows));
        }
        writeZeros(endRow * rowBytes, endBytes);
    }

    /** As {@link #zero}; complete rows count as never written from then on, if the array records such. */
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        zero(offsetBytes, lengthBytes);
        long rowBytes = Sectors.toBytes(geometry.rowSectors());
        long firstRow = Sectors.roundUp(offsetBytes, rowBytes) / rowBytes;
        long endRow = (offsetBytes + lengthBytes) / rowBytes;
        if (firstRow < endRow) {
            long chunk = geometry.chunkSectors();
            writePath.discarded(new StripeRange(firstRow * chunk, endRow * chunk));
        }
    }

    private void writeZeros(long fromBytes, long endBytes) throws IOException {
        for (long at = fromBytes; at < endBytes; at += ZEROS_BYTES) {
            requestWriter.write(at, ZEROS.asSlice(0, Math.min(ZEROS_BYTES, endBytes - at)));
        }
    }

    private void trimRows(long firstRow, long endRow) throws IOException {
        long fromBytes = firstRow * geometry.chunkBytes();
        long endBytes = endRow * geometry.chunkBytes();
        if (members.degraded() > 0 || members.anyListsBad(fromBytes, endBytes - fromBytes)) {
            long rowBytes = Sectors.toBytes(geometry.rowSectors());
            writeZeros(firstRow * rowBytes, endRow * rowBytes);
            return;
        }
        StripeRange stripes = StripeRange.coveringBytes(fromBytes, endBytes - fromBytes);
        boolean trimmed = false;
        members.requireSound();
        writePath.beginTrim(stripes);
        try (StripeLocks.Lease lease = locks.lock(stripes)) {
            for (Member member : members.writable()) {
                trimMember(lease, member, stripes);
            }
            for (Member member : members.writable()) {
                // Refused as long as zeros wait for space on the host.
                member.reserve(fromBytes, 0);
            }
            members.awaitRecords();
            trimmed = true;
        } finally {
            writePath.endTrim(stripes, trimmed);
        }
    }

    private void trimMember(StripeLocks.Lease lease, Member member, StripeRange stripes) throws IOException {
        lease.require(stripes);
        long fromBytes = stripes.memberOffsetBytes();
        long endBytes = fromBytes + stripes.bytesPerSlot();
        try {
            member.zero(fromBytes, endBytes - fromBytes);
        } catch (DeviceException e) {
            members.failed(member, e);
        }
    }
}
