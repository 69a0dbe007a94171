package io.mdfuse.raid.create;

import org.jspecify.annotations.Nullable;

/**
 * How a new array is called.
 *
 * @param setName the array's name, at most 32 bytes in UTF-8; md's form is {@code host:name}
 * @param setUuid the array's UUID of 16 bytes, or null for a random one
 */
@SuppressWarnings("ArrayRecordComponent")
public record NewIdentity(String setName, byte @Nullable [] setUuid) {
    /** A name with a random UUID. */
    public static NewIdentity named(String setName) {
        return new NewIdentity(setName, null);
    }
}
