package io.mdfuse.raid.stripe;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A block is lost beyond redundancy: it can neither be read from its member nor solved from the others. */
public final class BlockLostException extends IOException {
    private static final long serialVersionUID = 1;

    BlockLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
