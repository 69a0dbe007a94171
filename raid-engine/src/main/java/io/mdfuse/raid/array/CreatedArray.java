package io.mdfuse.raid.array;

/**
 * What was created.
 *
 * @param setUuidText the array's identity as mdadm prints it
 * @param setName its name
 * @param usedSectors what each member gives to the array
 * @param arraySectors what the volume holds
 * @param logSectors the length of the journal's log, 0 where there is none
 * @param resyncNeeded parity is not known to be right: the first mount makes it so
 */
public record CreatedArray(
        String setUuidText,
        String setName,
        long usedSectors,
        long arraySectors,
        long logSectors,
        boolean resyncNeeded) {}
