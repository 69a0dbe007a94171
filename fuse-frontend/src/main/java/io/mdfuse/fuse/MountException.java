package io.mdfuse.fuse;

import java.io.IOException;

/** Mounting or unmounting was refused. The message is one line that says why and what to do. */
public final class MountException extends IOException {
    private static final long serialVersionUID = 1;

    public MountException(String message) {
        super(message);
    }
}
