package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.PassThroughDevice;

/** A device that outlives the array that closes it: it is pulled out, and may be put in again. */
final class LentDevice extends PassThroughDevice {
    LentDevice(BlockDevice device) {
        super(device);
    }

    @Override
    public void close() {}
}
