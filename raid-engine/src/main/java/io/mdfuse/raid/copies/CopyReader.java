package io.mdfuse.raid.copies;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.stripe.VolumeReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a volume without parity: each part from the first member that has it. A member does not have what lies beyond
 * its recovery position, what its bad-block list or the map of its image names, and what its device fails to read.
 *
 * <p>A part that no member has as a whole is read block by block, and a block that no member has as a whole sector by
 * sector, so that an I/O error costs only sectors that no member has. A member that fails a read is asked again for the
 * next part: nothing is recorded, because nothing is written.
 *
 * <p>Copies are not compared. If members differ, the bytes of the first one are returned, as in md. Thread-safe.
 */
public final class CopyReader implements VolumeReader {
    private static final Logger LOG = LoggerFactory.getLogger(CopyReader.class);

    private final CopyLayout layout;
    private final List<@Nullable CopySource> sources;

    /** @param sources by slot; null for a slot without a member */
    public CopyReader(CopyLayout layout, List<? extends @Nullable CopySource> sources) {
        this.layout = layout;
        this.sources = Collections.unmodifiableList(new ArrayList<>(sources));
    }

    @Override
    public long sizeBytes() {
        return Sectors.toBytes(layout.volumeSectors());
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        for (long done = 0; done < target.byteSize(); ) {
            long at = offsetBytes + done;
            CopyExtent extent = layout.extentAt(at / Sectors.BYTES);
            long inSector = at % Sectors.BYTES;
            long pieceBytes = Math.min(Sectors.toBytes(extent.sectors()) - inSector, target.byteSize() - done);
            readExtent(extent.places(), inSector, target.asSlice(done, pieceBytes));
            done += pieceBytes;
        }
    }

    private void readExtent(List<CopyPlace> places, long skipBytes, MemorySegment target) throws IOException {
        DeviceException failure = tryCopies(places, skipBytes, target);
        if (failure == null) {
            return;
        }
        int unit = smallerUnit(skipBytes, target.byteSize());
        if (unit == 0) {
            throw failure;
        }
        for (long done = 0; done < target.byteSize(); ) {
            long at = skipBytes + done;
            long pieceBytes = Math.min(unit - at % unit, target.byteSize() - done);
            readExtent(places, at, target.asSlice(done, pieceBytes));
            done += pieceBytes;
        }
    }

    /** A block if the range has parts of several blocks; else a sector if it has parts of several; else 0. */
    private static int smallerUnit(long fromBytes, long lengthBytes) {
        long lastByte = fromBytes + lengthBytes - 1;
        if (fromBytes / Sectors.BLOCK_BYTES != lastByte / Sectors.BLOCK_BYTES) {
            return Sectors.BLOCK_BYTES;
        }
        return fromBytes / Sectors.BYTES != lastByte / Sectors.BYTES ? Sectors.BYTES : 0;
    }

    /** Reads from the first copy that can be read. Returns null, or why the last copy could not be. */
    private @Nullable DeviceException tryCopies(List<CopyPlace> places, long skipBytes, MemorySegment target) {
        DeviceException failure = null;
        for (boolean lastChoice : new boolean[] {false, true}) {
            for (CopyPlace place : places) {
                CopySource source = sources.get(place.slot());
                if (source != null && source.lastChoice() == lastChoice) {
                    try {
                        readCopy(source.member(), Sectors.toBytes(place.memberSector()) + skipBytes, target);
                        return null;
                    } catch (DeviceException e) {
                        LOG.debug("a copy can't be read: {}", e.getMessage());
                        failure = e;
                    }
                }
            }
        }
        return failure != null ? failure : noMember(places, skipBytes, target.byteSize());
    }

    private static void readCopy(Member member, long memberOffsetBytes, MemorySegment target) throws DeviceException {
        long endSector = Math.ceilDiv(memberOffsetBytes + target.byteSize(), (long) Sectors.BYTES);
        if (!member.recoveryPosition().hasPassed(endSector)) {
            throw new DeviceException(
                    member.name(), "read", memberOffsetBytes, target.byteSize(), "the member is not rebuilt so far");
        }
        member.read(memberOffsetBytes, target);
    }

    private static DeviceException noMember(List<CopyPlace> places, long skipBytes, long lengthBytes) {
        CopyPlace first = places.getFirst();
        return new DeviceException(
                "slot " + first.slot(),
                "read",
                Sectors.toBytes(first.memberSector()) + skipBytes,
                lengthBytes,
                "the slot has no member");
    }
}
