package io.mdfuse.raid.stripe;

/** Which stripes of a slot a rebuild has to copy. The answers may change until the rebuild has passed the stripes. */
public interface RegionsToCopy {
    /** The first sector from this one on that has to be copied; {@link Long#MAX_VALUE} if there is none. */
    long firstToCopy(long fromSector);

    /** The end of what has to be copied from the first such sector on; there must be one. */
    long endToCopy(long fromSector);

    /**
     * What is not copied: true if it was never written or was trimmed, so that it should read as zeros; false if the
     * target has it already.
     */
    boolean othersAreEmpty();
}
