package io.mdfuse.raid.array;

import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.MemberFigures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an open array says about itself, and what a user can set; both depend on its level. Thread-safe. */
interface ArrayStatus {
    /** The number of slots without a member in sync. */
    int degraded();

    /** How many more members may fail; 0 or less if none. */
    int failuresLeft();

    /** Why the array can't be written any more; empty if it can. Never waits. */
    String trouble();

    /** The attributes by their md sysfs names. */
    Map<String, String> attributes();

    /** What each member in use has read and written. Never waits. */
    List<MemberFigures> memberFigures();

    /** The bytes written to the members' data areas so far; 0 if the array is read-only. */
    default long memberWrittenBytes() {
        return 0;
    }

    /** The bytes of these that resyncs, rebuilds and the healing of blocks have written. */
    default long passWrittenBytes() {
        return 0;
    }

    /** Where the journal stands; null if the array has none or is read-only. */
    default @Nullable JournalFigures journalFigures() {
        return null;
    }

    /** What the write-back cache holds; null if the array has no journal or is read-only. */
    default @Nullable CacheFigures cacheFigures() {
        return null;
    }

    /** Changes an attribute; fails as {@link Volume#setAttribute}. */
    void set(String name, String value) throws IOException;
}
