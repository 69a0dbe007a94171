package io.mdfuse.raid.create;

import java.util.List;

/**
 * The result of {@link ArrayCreator}.
 *
 * @param setUuidText the array's UUID as mdadm prints it
 * @param usedSectors how many sectors of each member's data area the array uses
 * @param arraySectors the size of the volume
 * @param logSectors the length of the journal's log; 0 if there is no journal
 * @param resyncNeeded true if parity is not known to be correct, so that the first mount has to compute it
 * @param missingSlots the slots without a device, in ascending order
 * @param spares the number of devices without a slot
 */
public record CreatedArray(
        String setUuidText,
        long usedSectors,
        long arraySectors,
        long logSectors,
        boolean resyncNeeded,
        List<Integer> missingSlots,
        int spares) {
    public CreatedArray {
        missingSlots = List.copyOf(missingSlots);
    }

    /** The missing slots that the first mount rebuilds onto spares. */
    public List<Integer> rebuiltSlots() {
        return missingSlots.subList(0, Math.min(missingSlots.size(), spares));
    }
}
