package io.mdfuse.cli;

/**
 * A command that changes something before it prints what it did. If the report can't be printed, the user must not
 * conclude that the command failed: the change was made, and repeating the command may do harm.
 */
interface Outcome {
    /** What was changed, as a clause without a full stop; empty if nothing was changed yet. */
    String outcome();
}
