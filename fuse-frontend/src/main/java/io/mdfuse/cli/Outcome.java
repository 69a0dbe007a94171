package io.mdfuse.cli;

/**
 * A command that changes something before it prints what it did. If that can't be printed, the user must not take the
 * failure for the command's: what was done stays done, and doing it again may do harm.
 */
interface Outcome {
    /** What was done, as a clause without a full stop; empty if nothing was changed yet. */
    String outcome();
}
