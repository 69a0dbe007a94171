package io.mdfuse.device;

/** For which access a device is opened, and so what its locks exclude. */
public enum Access {
    /** Only read. Other processes may read an image file at the same time, but not write it. */
    READ_ONLY,

    /** Read and written. No other process may use the device at the same time. */
    READ_WRITE
}
