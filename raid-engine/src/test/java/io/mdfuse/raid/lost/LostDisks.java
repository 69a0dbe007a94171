package io.mdfuse.raid.lost;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.parity.DualParity;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the devices of an array that holds a volume; they have no superblocks. */
final class LostDisks {
    static final int MEMBER = 2 << 20;
    static final int OFFSET = 256 << 10;

    private LostDisks() {}

    /**
     * The devices of all slots, written stripe by stripe.
     *
     * @param volume as many bytes as the array has
     */
    static List<CrashDisk> of(ParityLayout layout, int count, int chunk, byte[] volume) throws IOException {
        List<CrashDisk> disks = new ArrayList<>();
        for (int slot = 0; slot < count; slot++) {
            disks.add(new CrashDisk("disk" + slot, OFFSET + MEMBER, CrashTrace.notRecording()));
        }
        ArrayGeometry geometry = new ArrayGeometry(layout, count, chunk / 512, MEMBER / 512);
        for (int row = 0; row < geometry.rows(); row++) {
            @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
            for (int index = 0; index < geometry.dataDisks(); index++) {
                int from = (row * geometry.dataDisks() + index) * chunk;
                MemorySegment data = MemorySegment.ofArray(Arrays.copyOfRange(volume, from, from + chunk));
                byExponent[geometry.exponent(row, index)] = data;
                disks.get(geometry.dataSlot(row, index)).write(OFFSET + (long) row * chunk, data);
            }
            MemorySegment p = MemorySegment.ofArray(new byte[chunk]);
            MemorySegment q = MemorySegment.ofArray(new byte[chunk]);
            DualParity.sum(p, q, new ArrayList<>(Arrays.asList(byExponent)));
            disks.get(geometry.parityP(row)).write(OFFSET + (long) row * chunk, p);
            if (geometry.parityQ(row) >= 0) {
                disks.get(geometry.parityQ(row)).write(OFFSET + (long) row * chunk, q);
            }
        }
        return disks;
    }
}
