package io.mdfuse.raid.member;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Transfers of one request with several members, made at the same time: one by the thread of the request, the others by
 * workers, for which the thread waits. For members whose devices have each transfer wait for a server: the
 * request then waits for the slowest member instead of for one after the other. Members that are files
 * or disks gain nothing by that: copying takes the processor, and a worker has to be woken.
 */
final class SideBySide {
    private SideBySide() {}

    /**
     * Makes the transfers, and returns once all have ended.
     *
     * @throws IOException what the first of them threw; the others were made nevertheless
     */
    static void run(Executor workers, List<Transfers> transfers) throws IOException {
        List<CompletableFuture<@Nullable IOException>> others = new ArrayList<>(transfers.size());
        for (Transfers each : transfers.subList(1, transfers.size())) {
            others.add(CompletableFuture.supplyAsync(() -> failure(each), workers));
        }
        IOException first;
        try {
            first = failure(transfers.getFirst());
        } finally {
            // Also after an unchecked exception: the workers use the memory and the lease of the request.
            others.forEach(SideBySide::awaitEnd);
        }
        for (CompletableFuture<@Nullable IOException> other : others) {
            IOException failure = other.join();
            first = first == null ? failure : first;
        }
        if (first != null) {
            throw first;
        }
    }

    private static @Nullable IOException failure(Transfers transfers) {
        try {
            transfers.run();
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private static void awaitEnd(CompletableFuture<@Nullable IOException> other) {
        try {
            var unused = other.join();
        } catch (CompletionException e) {
            // Thrown again to the caller.
            return;
        }
    }
}
