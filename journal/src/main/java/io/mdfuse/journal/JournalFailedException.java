package io.mdfuse.journal;

import java.io.IOException;

/** A write or a flush of the journal has failed: no more appends are possible, and what was not committed is lost. */
public final class JournalFailedException extends IOException {
    private static final long serialVersionUID = 1;

    JournalFailedException(String deviceName, Throwable cause) {
        super("journal " + deviceName + " has failed: " + cause.getMessage(), cause);
    }
}
