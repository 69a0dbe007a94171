package io.mdfuse.raid.array;

import java.io.IOException;
import java.util.Map;

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

    /** Changes an attribute; fails as {@link Volume#setAttribute}. */
    void set(String name, String value) throws IOException;
}
