package io.mdfuse.fuse;

/** The error numbers that this file system answers with, by their Linux names. */
public enum FuseErrno {
    EPERM(1),
    ENOENT(2),
    EIO(5),
    EBUSY(16),
    ENOTDIR(20),
    EINVAL(22),
    ENOTTY(25),
    EFBIG(27),
    ENOSPC(28),
    EROFS(30),
    ERANGE(34),
    ENODATA(61),
    EOPNOTSUPP(95),
    ESHUTDOWN(108);

    private final int number;

    FuseErrno(int number) {
        this.number = number;
    }

    /** The answer that FUSE expects of a callback that fails this way: the number, negated. */
    public int answer() {
        return -number;
    }
}
