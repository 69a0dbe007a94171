package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One block of a stripe, as its device holds it.
 *
 * @param slot from 0
 * @param holds {@code D0}, {@code D1}, … in the order of the volume, or {@code P} or {@code Q}
 * @param volumeOffsetBytes where the block is in the volume; -1 for parity
 * @param device the device's name; null if the slot has none
 * @param deviceOffsetBytes where the block is on the device; -1 without a device
 * @param content its 4096 bytes, not to be changed; null if they can't be read
 * @param trouble why there is no content; empty if there is
 * @param logged the sequence numbers of the journal's blocks that have a newer or equal version of this block, in log
 *     order
 */
public record StripeBlock(
        int slot,
        String holds,
        long volumeOffsetBytes,
        @Nullable String device,
        long deviceOffsetBytes,
        @Nullable MemorySegment content,
        String trouble,
        List<Long> logged) {
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[Sectors.BLOCK_BYTES]);

    /** The CRC-32C (Castagnoli) of the content, without a seed; 0 without content. */
    public long checksum() {
        CRC32C crc = new CRC32C();
        MemorySegment bytes = content;
        if (bytes == null) {
            return 0;
        }
        crc.update(bytes.asByteBuffer());
        return crc.getValue();
    }

    /** Whether there is content, and all of it is zero. */
    public boolean isZero() {
        MemorySegment bytes = content;
        return bytes != null && bytes.mismatch(ZEROS) < 0;
    }
}
