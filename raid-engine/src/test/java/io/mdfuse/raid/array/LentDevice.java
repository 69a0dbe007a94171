package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ForwardingDevice;

/** A device that outlives the array that closes it: it is pulled out, and may be put in again. */
final class LentDevice extends ForwardingDevice {
    LentDevice(BlockDevice device) {
        super(device);
    }

    @Override
    public void close() {}
}
