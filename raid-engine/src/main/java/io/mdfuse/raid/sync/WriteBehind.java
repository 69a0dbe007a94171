package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.member.Member;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes to one member by a worker while the thread of a pass reads and solves what follows; at most one write at a
 * time. The pass keeps its lease on the stripes until it has waited for the write.
 *
 * <p>Used by the one thread that makes the pass.
 */
final class WriteBehind {
    private final Member target;
    private final Executor executor;
    private @Nullable CompletableFuture<@Nullable DeviceException> running;

    WriteBehind(Member target, Executor executor) {
        this.target = target;
        this.executor = executor;
    }

    /** Begins to write. The content must not change until {@link #await} has returned. No write is in progress. */
    void start(long memberOffsetBytes, MemorySegment content) {
        if (running != null) {
            throw new IllegalStateException("the last write was not waited for");
        }
        running = CompletableFuture.supplyAsync(() -> write(memberOffsetBytes, content), executor);
    }

    private @Nullable DeviceException write(long memberOffsetBytes, MemorySegment content) {
        try {
            target.reserve(memberOffsetBytes, content.byteSize());
            target.writeByPass(memberOffsetBytes, content);
            return null;
        } catch (DeviceException e) {
            return e;
        }
    }

    /** Waits for the write in progress, if there is one; returns why it failed, or null. */
    @Nullable
    DeviceException await() {
        CompletableFuture<@Nullable DeviceException> last = running;
        running = null;
        return last == null ? null : last.join();
    }
}
