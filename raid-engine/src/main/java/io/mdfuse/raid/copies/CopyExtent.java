package io.mdfuse.raid.copies;

import java.util.List;

/**
 * A part of the volume that is contiguous on each member that holds it.
 *
 * @param sectors its length, at least 1
 * @param places all copies, in the order in which md would read them while it can't tell which is newest
 */
public record CopyExtent(long sectors, List<CopyPlace> places) {
    public CopyExtent {
        places = List.copyOf(places);
    }
}
