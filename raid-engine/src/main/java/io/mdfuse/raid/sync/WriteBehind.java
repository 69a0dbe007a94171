package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.stripe.StripeRange;
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
    private final Deque<Queued> queued = new ArrayDeque<>();

    /** A write; {@code failure} is null once the write was made. */
    private record Queued(StripeRange stripes, CompletableFuture<@Nullable DeviceException> failure) {}

    /**
     * A write that is over.
     *
     * @param failure why it, or one before it, failed; null if it was made
     */
    record Ended(StripeRange stripes, @Nullable DeviceException failure) {}

    WriteBehind(Member target, Executor executor) {
        this.target = target;
        this.executor = executor;
    }

    /** Queues a write of some stripes. The content must not change until {@link #awaitFirst} has returned for it. */
    void start(StripeRange stripes, MemorySegment content) {
        Queued before = queued.peekLast();
        long memberOffsetBytes = stripes.memberOffsetBytes();
        queued.addLast(new Queued(
                stripes,
                before == null
                        ? CompletableFuture.supplyAsync(() -> write(memberOffsetBytes, content), executor)
                        : before.failure()
                                .thenApplyAsync(
                                        failure -> failure != null ? failure : write(memberOffsetBytes, content),
                                        executor)));
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

    /** Waits for the first write that is queued. */
    Ended awaitFirst() {
        Queued first = queued.removeFirst();
        return new Ended(first.stripes(), first.failure().join());
    }

    /** Waits for all writes that are queued, whether they fail or not. */
    void awaitAll() {
        while (!queued.isEmpty()) {
            queued.removeFirst().failure().join();
        }
    }
}
