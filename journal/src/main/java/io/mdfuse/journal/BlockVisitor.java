package io.mdfuse.journal;

import java.io.IOException;

/** Who wants to know what the log holds. Called in log order; what it throws ends the scan. */
@FunctionalInterface
public interface BlockVisitor {
    /** A valid block; its records tell which of its pages can be used. */
    void visit(ScannedBlock block) throws IOException;

    /**
     * Blocks are missing between the block visited last and the next: which stripes they changed is not known, so what
     * follows may lack data that its parity counts on. Only a scan that searches gaps calls this.
     *
     * @throws UnsupportedOperationException where the visitor does not deal with gaps: then it must not ask for them
     */
    default void gap(ScannedGap gap) throws IOException {
        throw new UnsupportedOperationException("a gap in the log at " + gap.lost());
    }
}
