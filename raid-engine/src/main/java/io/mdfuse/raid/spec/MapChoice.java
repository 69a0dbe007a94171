package io.mdfuse.raid.spec;

import java.nio.file.Path;

/** Which map of an image says what was not read when the image was made. */
public sealed interface MapChoice {
    /** One that lies beside the image, by its name, if there is one. */
    record Beside() implements MapChoice {
        @Override
        public String toString() {
            return "";
        }
    }

    /** None: every byte of the image counts as read. */
    record None() implements MapChoice {
        @Override
        public String toString() {
            return ",map=none";
        }
    }

    /** This one. */
    record Given(Path file) implements MapChoice {
        @Override
        public String toString() {
            return ",map=" + file;
        }
    }
}
