package io.mdfuse.raid.reshape;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.stripe.VolumeReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Reads an array during a reshape: each range in the shape that holds it. */
public record ReshapedReader(ReshapePlan plan, VolumeReader before, VolumeReader after) implements VolumeReader {
    @Override
    public long sizeBytes() {
        return plan.arrayBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        for (long done = 0; done < target.byteSize(); ) {
            long at = offsetBytes + done;
            long pieceBytes = plan.bytesOnOneSide(at, target.byteSize() - done);
            VolumeReader side = plan.isAfter(at / Sectors.BYTES) ? after : before;
            side.read(at, target.asSlice(done, pieceBytes));
            done += pieceBytes;
        }
    }
}
