package io.mdfuse.raid.create;

import java.util.List;

/**
 * What was created.
 *
 * @param setUuidText the array's identity as mdadm prints it
 * @param usedSectors what each member gives to the array
 * @param arraySectors what the volume holds
 * @param logSectors the length of the journal's log, 0 where there is none
 * @param resyncNeeded parity is not known to be right: the first mount makes it so
 * @param missingSlots slots without a device, in ascending order
 * @param spares devices without a slot
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

    /** The slots that the first mount rebuilds onto spares. */
    public List<Integer> rebuiltSlots() {
        return missingSlots.subList(0, Math.min(missingSlots.size(), spares));
    }
}
