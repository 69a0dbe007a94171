package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.superblock.Superblock;
import java.util.List;

/**
 * What open arrays of every level have.
 *
 * @param reference the freshest superblock, as it was when the array was opened
 * @param devices all devices that are open for the array; closing the array closes them. Devices may join and leave
 * @param messages what the user must know about the opening, one line each
 * @param events reports what happens to the array from the opening on
 */
record OpenArray(
        Superblock reference,
        ArrayRuntime runtime,
        List<BlockDevice> devices,
        List<String> messages,
        ArrayEvents events) {}
