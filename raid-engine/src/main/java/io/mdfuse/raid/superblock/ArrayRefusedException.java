package io.mdfuse.raid.superblock;

import java.io.IOException;

/**
 * An array or a device is refused, and nothing was written. The message is one line: the device, what was found, what
 * was expected, and what the user can do.
 */
public final class ArrayRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /** Why it is refused, distinguished by what the user can do. */
    public enum Reason {
        /** What is stored contradicts itself: restore it, or leave the device out. */
        CORRUPT,
        /** It is valid, but of a kind that this program does not serve. */
        UNSUPPORTED,
        /** Something that is needed was not given or has no superblock: give it. */
        MISSING,
        /** A member's content is older than the array's: leave it out. */
        STALE,
        /** A device belongs to another array: leave it out. */
        FOREIGN,
        /** Two devices claim to be the same one: leave one out. */
        DUPLICATE,
        /** Another process, or the kernel, uses the device: end that use first. */
        IN_USE,
        /** To continue could lose data: only {@code --force} does. */
        UNSAFE
    }

    private final Reason reason;

    public ArrayRefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
