package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.member.Member;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes to one member by a worker while the thread of a pass reads and solves what follows. Several writes may be
 * queued: they are made one after another, in the order of {@link #start}, so the member has its next write as soon as
 * it has made one. After a write that failed, no other is made. The pass keeps its lease on the stripes until it has
 * waited for all of them.
 *
 * <p>Used by the one thread that makes the pass.
 */
final class WriteBehind {
    private final Member target;
    private final Executor executor;
    private final Deque<CompletableFuture<@Nullable DeviceException>> queued = new ArrayDeque<>();

    WriteBehind(Member target, Executor executor) {
        this.target = target;
        this.executor = executor;
    }

    /** Queues a write. The content must not change until {@link #awaitFirst} has returned for the write. */
    void start(long memberOffsetBytes, MemorySegment content) {
        CompletableFuture<@Nullable DeviceException> before = queued.peekLast();
        queued.addLast(
                before == null
                        ? CompletableFuture.supplyAsync(() -> write(memberOffsetBytes, content), executor)
                        : before.thenApplyAsync(
                                failure -> failure != null ? failure : write(memberOffsetBytes, content), executor));
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

    /** How many writes were queued and not waited for. */
    int queued() {
        return queued.size();
    }

    /** Waits for the first write that is queued; returns why it, or one before it, failed, or null. */
    @Nullable
    DeviceException awaitFirst() {
        return queued.removeFirst().join();
    }

    /** Waits for all writes that are queued, whether they fail or not. */
    void awaitAll() {
        while (!queued.isEmpty()) {
            queued.removeFirst().join();
        }
    }
}
