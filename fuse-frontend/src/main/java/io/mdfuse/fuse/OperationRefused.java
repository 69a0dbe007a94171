package io.mdfuse.fuse;

import java.io.IOException;

/**
 * A request that the file system refuses by rule, without any failure: a wrong path, a write past the end. Such
 * refusals are normal, so the exception has no stack trace and is not logged.
 */
public final class OperationRefused extends IOException {
    private static final long serialVersionUID = 1;

    private final FuseErrno errno;

    public OperationRefused(FuseErrno errno) {
        super(errno.name());
        this.errno = errno;
    }

    public FuseErrno errno() {
        return errno;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
