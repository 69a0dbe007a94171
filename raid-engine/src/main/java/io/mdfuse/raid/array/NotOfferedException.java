package io.mdfuse.raid.array;

import java.io.IOException;

/**
 * The array lacks what a request needs, for example a journal for the attribute {@code journal_mode}. Nothing has
 * changed.
 */
public final class NotOfferedException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message one line that says what the array lacks */
    NotOfferedException(String message) {
        super(message);
    }
}
