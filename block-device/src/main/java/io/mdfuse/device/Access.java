package io.mdfuse.device;

/** What a device is opened for. */
public enum Access {
    /** Nothing is written. Other readers of an image file are let in, writers are not. */
    READ_ONLY,

    /** Read and written. Nobody else is let in. */
    READ_WRITE
}
