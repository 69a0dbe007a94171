package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes ranges read as zeros. Whole chunk rows are trimmed on every member, parity too, for the parity of zeros is
 * zero; what is left at the edges is written as zeros like any other data.
 *
 * <p>A crash in the middle of a trim: 1 the log no longer holds anything of these rows, and the superblocks say dirty,
 * flushed. 2 some members are trimmed, some are not. 3 the next mount resyncs: each block reads as before or as zeros,
 * and parity fits. With a member missing, or a block that is listed as bad, that resync could not be done, so then
 * zeros are written instead.
 */
public final class Trimmer {
    /** How much of each member is trimmed under one lease: no write has to wait longer than that takes. */
    private static final long BATCH_BYTES_PER_MEMBER = 1L << 30;

    private static final int ZEROS_BYTES = 256 * 1024;
    private static final MemorySegment ZEROS =
            Arena.global().allocate(ZEROS_BYTES, Sectors.BLOCK_BYTES).asReadOnly();

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final RequestWriter requestWriter;
    private final WritePath writePath;

    public Trimmer(
            ArrayGeometry geometry,
            MemberSet members,
            StripeLocks locks,
            RequestWriter requestWriter,
            WritePath writePath) {
        this.geometry = geometry;
        this.members = members;
        this.locks = locks;
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

    private void writeZeros(long fromBytes, long endBytes) throws IOException {
        for (long at = fromBytes; at < endBytes; at += ZEROS_BYTES) {
            requestWriter.write(at, ZEROS.asSlice(0, Math.min(ZEROS_BYTES, endBytes - at)));
        }
    }

    private void trimRows(long firstRow, long endRow) throws IOException {
        long fromBytes = firstRow * geometry.chunkBytes();
        long endBytes = endRow * geometry.chunkBytes();
        if (members.degraded() > 0 || members.knowBad(fromBytes, endBytes - fromBytes)) {
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
                // Refused as long as zeros wait for room.
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
            if (!tryTrim(member, fromBytes, endBytes - fromBytes)) {
                for (long at = fromBytes; at < endBytes; at += ZEROS_BYTES) {
                    member.write(at, ZEROS.asSlice(0, Math.min(ZEROS_BYTES, endBytes - at)));
                }
            }
        } catch (DeviceException e) {
            members.failed(member, e);
        }
    }

    /** False also if a file system that is full can't even note the hole: the blocks are there then, and take zeros. */
    private static boolean tryTrim(Member member, long fromBytes, long lengthBytes) throws DeviceException {
        try {
            return member.trim(fromBytes, lengthBytes);
        } catch (NoSpaceException e) {
            return false;
        }
    }
}
