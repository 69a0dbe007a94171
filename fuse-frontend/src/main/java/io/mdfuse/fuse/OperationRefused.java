package io.mdfuse.fuse;

import java.io.IOException;

/**
 * A request that the file system refuses by rule, not because anything broke: a wrong path, a write past the
 * end. It is ordinary, so it carries no stack trace and is not logged.
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
