package io.mdfuse.raid.lost;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Finds the blocks of one file system whose place in the volume is known. One thread uses it. */
interface ClueSource {
    /** The file system, for the user. */
    String name();

    /** The size of the file system; 0 if not known. */
    default long sizeBytes() {
        return 0;
    }

    /** Looks at one block of 4096 bytes that is not all zeros. */
    void look(int device, long deviceBytes, MemorySegment block);

    /** What was found, after all blocks. */
    List<Clue> clues();

    /**
     * How well the file system's own map of its blocks fits an arrangement, from 0 to 1: the map lies where the
     * arrangement puts it, solved from parity if its device is missing, and blocks that it calls free hold nothing. 1
     * if there is no such map. Call after {@link #clues}.
     */
    default double mapFit(Arrangement arrangement, LostDevices devices, StripeSample sample) {
        return 1;
    }
}
