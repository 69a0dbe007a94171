package io.mdfuse.raid.stripe;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random data for every data slot of a chunk row, with matching parity. */
public final class SoundStripe {
    private SoundStripe() {}

    /** The content of each slot. */
    public static List<MemorySegment> make(ArrayGeometry geometry, long row, int lengthBytes, Random random) {
        List<MemorySegment> slots = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            byte[] bytes = new byte[lengthBytes];
            random.nextBytes(bytes);
            slots.add(MemorySegment.ofArray(bytes));
        }
        makeParity(geometry, row, slots);
        return slots;
    }

    /** Makes the parity slots match the data slots. */
    public static void makeParity(ArrayGeometry geometry, long row, List<MemorySegment> slots) {
        MemorySegment p = slots.get(geometry.parityP(row));
        @Nullable MemorySegment[] byExponent = new MemorySegment[geometry.exponents()];
        List<MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            data.add(slots.get(geometry.dataSlot(row, index)));
            byExponent[geometry.exponent(row, index)] = data.getLast();
        }
        if (geometry.parityQ(row) < 0) {
            XorParity.sum(p, data);
        } else {
            DualParity.sum(p, slots.get(geometry.parityQ(row)), Arrays.asList(byExponent));
        }
    }
}
