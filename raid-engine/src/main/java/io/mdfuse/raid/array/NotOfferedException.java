package io.mdfuse.raid.array;

import java.io.IOException;

/**
 * What was asked for does not exist in this array: an attribute of a journal that it has not, say. Nothing has changed.
 */
public final class NotOfferedException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message one line that says what the array lacks */
    NotOfferedException(String message) {
        super(message);
    }
}
