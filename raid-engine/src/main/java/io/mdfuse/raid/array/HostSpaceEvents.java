package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;

/**
 * Emits HostFull if the host's file system has no space for a write to an image file, and HostHasRoom when there is
 * space again.
 */
final class HostSpaceEvents {
    private HostSpaceEvents() {}

    /** Emits the events of a device from now on, if it is a device that waits for space on the host. */
    static void watch(BlockDevice device, ArrayEvents events) {
        if (device instanceof HeldWritesDevice held) {
            held.onHostSpaceChange((lacking, text) -> events.emit(ArrayEvent.of(
                    lacking ? "HostFull" : "HostHasRoom",
                    lacking ? Severity.WARNING : Severity.NOTICE,
                    held.name(),
                    text)));
        }
    }
}
