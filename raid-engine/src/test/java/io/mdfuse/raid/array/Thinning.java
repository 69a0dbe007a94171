package io.mdfuse.raid.array;

/**
 * Takes a part of an enumeration that would be too long for every build, always the same one. With the system property
 * {@code mdfuse.sweep.all} it takes all.
 */
final class Thinning {
    private static final boolean ALL = Boolean.getBoolean("mdfuse.sweep.all");

    private final int stride;
    private long seen;
    private long taken;

    /** Takes one of so many; a prime, so that it does not keep step with what is enumerated. */
    Thinning(int stride) {
        this.stride = ALL ? 1 : stride;
    }

    /** True where the next one is taken. */
    boolean takesNext() {
        boolean takes = seen++ % stride == 0;
        taken += takes ? 1 : 0;
        return takes;
    }

    long taken() {
        return taken;
    }
}
