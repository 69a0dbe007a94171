package io.mdfuse.fuse;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;

/** A file system that libfuse 3 has mounted. */
final class Fuse3Session implements NativeSession {
    private final Fuse3Functions functions;
    private final long fuse;
    private final RankedLock ending = new RankedLock(LockRank.FUSE_SESSION);
    private boolean freed;

    /** @param fuse the address of libfuse's {@code struct fuse} */
    Fuse3Session(Fuse3Functions functions, long fuse) {
        this.functions = functions;
        this.fuse = fuse;
    }

    @Override
    public void loop() {
        functions.loop(fuse);
    }

    @Override
    public void teardown() {
        ending.lock();
        try {
            freed = true;
            functions.unmount(fuse);
            functions.destroy(fuse);
        } finally {
            ending.unlock();
        }
    }

    @Override
    public void invalidate(long node, long offsetBytes, long lengthBytes) {
        ending.lock();
        try {
            if (!freed) {
                // ENOENT: the kernel does not know the file any more, and so caches none of its pages.
                functions.invalidateInode(functions.lowLevelSession(fuse), node, offsetBytes, lengthBytes);
            }
        } finally {
            ending.unlock();
        }
    }
}
