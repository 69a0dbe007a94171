package io.mdfuse.raid.array;

/**
 * How an array is to be opened.
 *
 * @param readOnly nothing is ever written to a device; the journal is replayed in memory
 * @param force accept what may have lost data: a dirty array with a member missing, a journal that can't be read, a
 *     missing journal (read-only)
 * @param run go on although a member that should be there was not given
 * @param direct open the devices past the page cache (O_DIRECT)
 * @param stripeCacheSize how many stripes the write-back cache may hold; 0 for as many as memory allows
 */
public record AssembleOptions(boolean readOnly, boolean force, boolean run, boolean direct, int stripeCacheSize) {
    /** Nothing out of the ordinary. */
    public static AssembleOptions defaults() {
        return new AssembleOptions(false, false, false, false, 0);
    }
}
