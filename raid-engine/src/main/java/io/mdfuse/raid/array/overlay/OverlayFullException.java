package io.mdfuse.raid.array.overlay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The scratch has no space for another block; the writer gets {@code ENOSPC}. */
public final class OverlayFullException extends IOException {
    private static final long serialVersionUID = 1;

    OverlayFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
