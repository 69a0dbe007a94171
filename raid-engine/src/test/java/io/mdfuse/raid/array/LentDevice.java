package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ForwardingDevice;

/** A device that stays open when the array closes it, so that a test can remove it and give it to the array again. */
final class LentDevice extends ForwardingDevice {
    LentDevice(BlockDevice device) {
        super(device);
    }

    @Override
    public void close() {}
}
