package io.mdfuse.device;

/**
 * Selects a part of an enumeration that is too long for every build, always the same part. With the system property
 * {@code mdfuse.sweep.all} it selects all.
 */
public final class Thinning {
    private static final boolean ALL = Boolean.getBoolean("mdfuse.sweep.all");

    private final int stride;
    private long seen;
    private long taken;

    /** Selects one of so many; a prime, so that it does not always meet the same value of an enumerated parameter. */
    public Thinning(int stride) {
        this.stride = ALL ? 1 : stride;
    }

    /** True if every enumeration is to be complete. */
    public static boolean takesAll() {
        return ALL;
    }

    /** True if the next one is selected. */
    public boolean takesNext() {
        boolean takes = seen++ % stride == 0;
        taken += takes ? 1 : 0;
        return takes;
    }

    public long taken() {
        return taken;
    }
}
