package io.mdfuse.journal;

import java.io.IOException;

/** The journal device refused a write or a flush: nothing more can be appended, and what was not committed is lost. */
public final class JournalFailedException extends IOException {
    private static final long serialVersionUID = 1;

    JournalFailedException(String deviceName, Throwable cause) {
        super("journal " + deviceName + " has failed: " + cause.getMessage(), cause);
    }
}
