package io.mdfuse.journal;

import java.util.List;

/** A payload as the meta block states it; its pages have not been read. */
sealed interface Payload {
    record Data(long arraySector) implements Payload {}

    record Parity(long stripeSector, boolean hasQ) implements Payload {}

    record Flush(List<Long> stripeSectors) implements Payload {}
}
