package io.mdfuse.raid.array;

/**
 * How an array is to be opened.
 *
 * @param readOnly nothing is ever written to a device; the journal is replayed in memory
 * @param force accept what may have lost data: a dirty array with a member missing, a journal that can't be read, a
 *     missing journal (read-only)
 * @param run go on although a member that should be there was not given
 * @param direct open the devices past the page cache (O_DIRECT)
 */
public record AssembleOptions(boolean readOnly, boolean force, boolean run, boolean direct) {
    /** Nothing out of the ordinary. */
    public static AssembleOptions defaults() {
        return new AssembleOptions(false, false, false, false);
    }
}
