package io.mdfuse.fuse;

/** The error numbers that this file system returns, by their Linux names. */
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

    /** The negated number, which FUSE expects as the result of a callback that failed. */
    public int answer() {
        return -number;
    }
}
