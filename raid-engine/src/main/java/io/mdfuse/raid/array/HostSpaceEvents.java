package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;

/** Emits HostFull if a host has no space for what an image file should hold, and HostHasRoom once it has. */
final class HostSpaceEvents {
    private HostSpaceEvents() {}

    /** Watches a device from now on, if its kind can lack space on its host. */
    static void watch(BlockDevice device, ArrayEvents events) {
        if (device instanceof HeldWritesDevice held) {
            held.whenRoomChanges((lacking, text) -> events.emit(ArrayEvent.of(
                    lacking ? "HostFull" : "HostHasRoom",
                    lacking ? Severity.WARNING : Severity.NOTICE,
                    held.name(),
                    text)));
        }
    }
}
