package io.mdfuse.raid.spec;

import java.util.Locale;

/** Which part of an image file or block device is meant. */
public sealed interface DevicePart {
    /** All of it. */
    record Whole() implements DevicePart {
        @Override
        public String toString() {
            return "";
        }
    }

    /**
     * A partition.
     *
     * @param number as in its partition table, from 1
     */
    record Numbered(int number) implements DevicePart {
        @Override
        public String toString() {
            return "@" + number;
        }
    }

    /** A range of bytes; both are multiples of 512, and the length is not 0. */
    record Extent(long offsetBytes, long lengthBytes) implements DevicePart {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "@%s,%s", SizeText.format(offsetBytes), SizeText.format(lengthBytes));
        }
    }
}
