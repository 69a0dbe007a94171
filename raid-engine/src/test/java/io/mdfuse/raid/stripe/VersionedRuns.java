package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs for tests, whose blocks are filled with their version. */
public final class VersionedRuns {
    private VersionedRuns() {}

    /**
     * A run that writes some data slots.
     *
     * @param slots bit i for data index i
     * @param version what its blocks are filled with
     */
    public static RunWrite of(ArrayGeometry geometry, long stripeSector, int stripes, int slots, byte version) {
        List<@Nullable MemorySegment> columns = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            boolean written = (slots >> index & 1) != 0;
            columns.add(
                    written
                            ? Arena.ofAuto()
                                    .allocate((long) stripes * Sectors.BLOCK_BYTES)
                                    .fill(version)
                            : null);
        }
        return new RunWrite(geometry, stripeSector, stripes, columns);
    }

    /** The version of the block; -1 if its bytes are not all of one version. */
    static int versionOf(MemorySegment block) {
        byte first = block.get(ValueLayout.JAVA_BYTE, 0);
        for (long at = 0; at < block.byteSize(); at++) {
            if (block.get(ValueLayout.JAVA_BYTE, at) != first) {
                return -1;
            }
        }
        return first;
    }
}
