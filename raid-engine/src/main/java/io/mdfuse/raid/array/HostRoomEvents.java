package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;

/** A host without room for an image file is told as HostFull, and that it has room again as HostHasRoom. */
final class HostRoomEvents {
    private HostRoomEvents() {}

    /** Watches a device from now on; one that never lacks room is left alone. */
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
