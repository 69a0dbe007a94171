package io.mdfuse.device.nbd;

import org.jspecify.annotations.Nullable;

/**
 * What a server says of the export that it serves.
 *
 * @param sizeBytes the size as the server reports it
 * @param readOnly whether it refuses writes
 * @param canFlush whether a flush can be asked for
 * @param canFua whether a single write can be made durable (force unit access)
 * @param canZero whether a range can be made zeros without sending them
 * @param minimumBlockBytes of what offset and length of each request must be multiples, at least 1
 * @param maximumBlockBytes the largest length of a read or a write
 */
record NbdExport(
        long sizeBytes,
        boolean readOnly,
        boolean canFlush,
        boolean canFua,
        boolean canZero,
        long minimumBlockBytes,
        long maximumBlockBytes) {
    private static final int MINIMUM = 0;
    private static final int MAXIMUM = 2;

    /** What every server takes, by the protocol, if it reports no maximum. A larger maximum is not used. */
    private static final long USUAL_MAXIMUM_BYTES = 32L << 20;

    /** Asks a handle that is connected. */
    static NbdExport of(NbdFunctions nbd, long handle) {
        long maximum = nbd.blockBytes(handle, MAXIMUM);
        return new NbdExport(
                nbd.sizeBytes(handle),
                nbd.isReadOnly(handle) != 0,
                nbd.canFlush(handle) == 1,
                nbd.canFua(handle) == 1,
                nbd.canZero(handle) == 1,
                Math.max(1, nbd.blockBytes(handle, MINIMUM)),
                maximum <= 0 ? USUAL_MAXIMUM_BYTES : Math.min(maximum, USUAL_MAXIMUM_BYTES));
    }

    /** The size that can be used: a server takes no request for a part of a block. */
    long usableBytes() {
        return sizeBytes - sizeBytes % minimumBlockBytes;
    }

    /** Why requests that were made for {@code this} must not go to {@code other}; null if they may. */
    @Nullable
    String whyNotReplacedBy(NbdExport other) {
        if (other.sizeBytes != sizeBytes) {
            return "it has " + other.sizeBytes + " bytes now and had " + sizeBytes;
        }
        return equals(other) ? null : "it takes other requests than before";
    }
}
