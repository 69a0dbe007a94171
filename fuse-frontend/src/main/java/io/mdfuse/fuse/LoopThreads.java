package io.mdfuse.fuse;

/** The Java threads that serve one session: all block in libfuse's loop, and all end when the kernel ends the mount. */
final class LoopThreads {
    private final NativeSession session;
    private final Latch ended;

    private LoopThreads(NativeSession session, int count) {
        this.session = session;
        this.ended = new Latch(count);
    }

    static LoopThreads start(NativeSession session, int count) {
        LoopThreads threads = new LoopThreads(session, count);
        for (int i = 0; i < count; i++) {
            Thread.ofPlatform().daemon().name("fuse-" + i).start(threads::run);
        }
        return threads;
    }

    /** Waits until the last request is answered, and frees the session. Called once. */
    void awaitEnd() {
        ended.await();
        session.teardown();
    }

    private void run() {
        try {
            HostCalls.becomeIoFlusher();
            session.loop();
        } finally {
            ended.countDown();
        }
    }
}
