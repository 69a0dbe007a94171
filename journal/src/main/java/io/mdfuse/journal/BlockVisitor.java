package io.mdfuse.journal;

import java.io.IOException;

/** Receives the content of the log from a scan, in log order. An exception that it throws ends the scan. */
@FunctionalInterface
public interface BlockVisitor {
    /** Called for each valid block; its records say which of its pages are intact. */
    void visit(ScannedBlock block) throws IOException;

    /**
     * Called if blocks are missing between the block visited last and the next one. Which stripes they changed is
     * unknown, so parity in later blocks may cover data that is missing. Only a scan that searches gaps calls this.
     *
     * @throws UnsupportedOperationException if the visitor does not override this method: then it must not be used in a
     *     scan that searches gaps
     */
    default void gap(ScannedGap gap) throws IOException {
        throw new UnsupportedOperationException("a gap in the log at " + gap.lost());
    }
}
