package io.mdfuse.journal;

import java.util.List;

/** A payload as the meta block states it, before anybody has looked at its pages. */
sealed interface Payload {
    record Data(long arraySector) implements Payload {}

    record Parity(long stripeSector, boolean hasQ) implements Payload {}

    record Flush(List<Long> stripeSectors) implements Payload {}
}
