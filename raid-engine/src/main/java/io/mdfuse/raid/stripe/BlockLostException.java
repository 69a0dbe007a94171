package io.mdfuse.raid.stripe;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A block is beyond redundancy: neither its member nor all others together can give it. */
public final class BlockLostException extends IOException {
    private static final long serialVersionUID = 1;

    BlockLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
