package io.mdfuse.fuse;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The native layers that can serve a mount. */
public enum Frontend {
    /** libfuse 2, by jnr-fuse. */
    JNR_FUSE("jnr-fuse"),

    /** libfuse 3, by jnr-ffi. */
    FUSE3("fuse3");

    /** Tests choose the front end of every mount by this environment variable. */
    private static final String VARIABLE = "MDFUSE_FRONTEND";

    private final String word;

    Frontend(String word) {
        this.word = word;
    }

    /** The name in {@code -o frontend=}. */
    public String word() {
        return word;
    }

    /**
     * The front end of that name.
     *
     * @throws IllegalArgumentException for any other word, with a one-line message that names the possible ones
     */
    public static Frontend of(String word) {
        return Arrays.stream(values())
                .filter(frontend -> frontend.word.equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("there is no front end " + word + "; -o frontend= takes "
                                + Arrays.stream(values()).map(Frontend::word).collect(Collectors.joining(" or "))));
    }

    /** The front end that the environment asks for; null if it asks for none. */
    public static @Nullable Frontend ofEnvironment() {
        String word = System.getenv(VARIABLE);
        return word == null || word.isEmpty() ? null : of(word);
    }
}
