package io.mdfuse.raid.sync;

/** The states of a {@link BackgroundPass}, which draws their diagram. */
public enum PassState {
    /** Created; {@code run()} was not called yet. */
    WAITING,
    RUNNING,
    /** Asked to stop, and still running. */
    STOPPING,
    /** All stripes are passed. */
    DONE,
    /** Stopped by a user, or by the closing of the array. */
    STOPPED,
    /** Could not pass all stripes; the reason is reported. */
    FAILED;

    boolean isEnd() {
        return this == DONE || this == STOPPED || this == FAILED;
    }
}
