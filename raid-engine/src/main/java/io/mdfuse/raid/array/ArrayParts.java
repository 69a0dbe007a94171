package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.Superblock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of every open array with parity, read-only or not.
 *
 * @param reference the freshest superblock, as it was when the array was opened
 * @param devices all devices that are open for the array; closing the array closes them. Devices may join and leave
 * @param messages what the user must know about the opening, one line each
 * @param events reports what happens to the array from the opening on
 * @param reshape the reshape in progress, of which {@code stripes} has the new shape; null if there is none
 */
record ArrayParts(
        Superblock reference,
        ArrayStripes stripes,
        ArrayRuntime runtime,
        List<BlockDevice> devices,
        List<String> messages,
        ArrayEvents events,
        @Nullable ReshapePlan reshape) {
    /** What arrays of every level have. */
    OpenArray open() {
        return new OpenArray(reference, runtime, devices, messages, events);
    }

    ArrayGeometry geometry() {
        return stripes.geometry();
    }

    MemberSet members() {
        return stripes.members();
    }

    SyncPosition syncPosition() {
        return stripes.syncPosition();
    }
}
