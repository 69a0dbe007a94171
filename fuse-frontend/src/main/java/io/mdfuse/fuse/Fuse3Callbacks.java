package io.mdfuse.fuse;

import jnr.ffi.annotations.Delegate;

/**
 * The signatures of libfuse 3's callbacks, with every pointer as a number, so that a call makes no object. C's int is
 * int, since the upper half of its register is undefined. jnr-ffi implements the interfaces, so they are public.
 */
final class Fuse3Callbacks {
    private Fuse3Callbacks() {}

    /** open, release, opendir, statfs, removexattr. */
    public interface TwoPointers {
        @Delegate
        int call(long path, long second);
    }

    /** getattr, utimens; truncate, whose second argument is a length; listxattr, whose third is one. */
    public interface ThreeLongs {
        @Delegate
        int call(long path, long second, long third);
    }

    /** getxattr. */
    public interface FourLongs {
        @Delegate
        int call(long path, long name, long buffer, long capacityBytes);
    }

    /** read, write. */
    public interface Transfer {
        @Delegate
        int call(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo);
    }

    /** fsync. */
    public interface Sync {
        @Delegate
        int call(long path, int dataOnly, long fileInfo);
    }

    /** fallocate. */
    public interface Allocate {
        @Delegate
        int call(long path, int mode, long offsetBytes, long lengthBytes, long fileInfo);
    }

    /** setxattr. */
    public interface SetAttribute {
        @Delegate
        int call(long path, long name, long value, long lengthBytes, int flags);
    }

    /** readdir. */
    public interface ReadDirectory {
        @Delegate
        int call(long path, long buffer, long filler, long offset, long fileInfo, int flags);
    }

    /** ioctl. */
    public interface Control {
        @Delegate
        int call(long path, int command, long argument, long fileInfo, int flags, long data);
    }

    /** init; returns the private data of the file system, which mdfuse has none of. */
    public interface Init {
        @Delegate
        long call(long connection, long config);
    }
}
