package io.mdfuse.raid.copies;

import java.util.List;
import java.util.Set;

/** Where the sectors of a volume without parity lie. Immutable; no I/O. */
public interface CopyLayout {
    /** The volume's size in sectors. */
    long volumeSectors();

    /**
     * The longest part of the volume from this sector on that is contiguous on every member that holds it.
     *
     * @param volumeSector from 0, below {@link #volumeSectors()}
     */
    CopyExtent extentAt(long volumeSector);

    /**
     * The sets of slots that hold the same bytes: each byte of the volume lies on all slots of one of these sets. The
     * whole volume can be read if each set has a member.
     */
    Set<List<Integer>> slotSets();

    /** The layout's name as mdadm shows it; empty for a level without one. */
    String mdName();
}
