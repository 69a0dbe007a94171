package io.mdfuse.fuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * libfuse 3's {@code struct fuse_operations}: one pointer for each operation, null for one that is not served. The
 * numbers are the same from 3.14 on. Later versions append slots, and take a shorter table for one without them.
 */
final class Fuse3Slots {
    static final int GETATTR = 0;
    static final int TRUNCATE = 11;
    static final int OPEN = 12;
    static final int READ = 13;
    static final int WRITE = 14;
    static final int STATFS = 15;
    static final int RELEASE = 17;
    static final int FSYNC = 18;
    static final int SETXATTR = 19;
    static final int GETXATTR = 20;
    static final int LISTXATTR = 21;
    static final int REMOVEXATTR = 22;
    static final int OPENDIR = 23;
    static final int READDIR = 24;
    static final int INIT = 27;
    static final int UTIMENS = 32;
    static final int IOCTL = 34;
    static final int FALLOCATE = 39;

    /** The last slot of 3.14 is lseek's, number 41. */
    private static final int COUNT = 42;

    private final Map<Integer, Pointer> closures = new TreeMap<>();

    /** jnr-ffi refers to a callback only weakly, and a collected closure would crash the session. */
    private final List<Object> callbacks = new ArrayList<>();

    <T> void fill(int slot, Class<T> type, T callback) {
        callbacks.add(callback);
        closures.put(slot, Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback));
    }

    /** The table in native memory. It may go when libfuse has copied it; this object may not. */
    MemorySegment table(Arena arena) {
        MemorySegment table = arena.allocate(ValueLayout.JAVA_LONG, COUNT);
        closures.forEach((slot, closure) -> table.setAtIndex(ValueLayout.JAVA_LONG, slot, closure.address()));
        return table;
    }
}
