package io.mdfuse.journal;

import java.io.IOException;

/** Who wants to know what the log holds. Called in log order; what it throws ends the scan. */
@FunctionalInterface
public interface BlockVisitor {
    /** A valid block; its records tell which of its pages can be used. */
    void visit(ScannedBlock block) throws IOException;
}
