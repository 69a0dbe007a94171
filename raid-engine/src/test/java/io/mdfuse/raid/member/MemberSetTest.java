package io.mdfuse.raid.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A thread that did not meet a failure itself waits until the failure is recorded, and a lost array stays broken. */
class MemberSetTest {
    private final IOException cause = new IOException("a write failed");

    private final List<Member> members = new ArrayList<>();
    private final List<Integer> recorded = new ArrayList<>();

    private MemberSet set(int parityCount, FailureRecord failureRecord) {
        for (int slot = 0; slot < 5; slot++) {
            CrashDisk disk = new CrashDisk("disk" + slot, 4096, CrashTrace.notRecording());
            members.add(new Member(slot, disk, 0));
        }
        return new MemberSet(members, parityCount, failureRecord, Runnable::run);
    }

    /** A thread that left a member out waits before it acknowledges its write. */
    private static CompletableFuture<Void> acknowledge(MemberSet set) {
        return CompletableFuture.runAsync(() -> {
            try {
                set.awaitRecords();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static boolean waits(CompletableFuture<Void> request) {
        try {
            request.get(100, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRequestWaitsForTheRecord() throws Exception {
        MemberSet[] set = new MemberSet[1];
        List<CompletableFuture<Void>> requests = new ArrayList<>();
        set[0] = set(1, member -> {
            requests.add(acknowledge(set[0]));
            assertTrue(waits(requests.getFirst()));
        });
        set[0].failed(members.get(1), cause);
        requests.getFirst().get(10, TimeUnit.SECONDS);
        assertFalse(waits(acknowledge(set[0])));
    }

    /** The update that records one failure meets another: a thread that left the first out waits for both records. */
    @Test
    void aRequestWaitsForTheOuterRecordToo() throws Exception {
        MemberSet[] set = new MemberSet[1];
        List<CompletableFuture<Void>> requests = new ArrayList<>();
        set[0] = set(2, member -> {
            if (member.slot() == 1) {
                set[0].failed(members.get(3), cause);
                requests.add(acknowledge(set[0]));
                assertTrue(waits(requests.getFirst()));
            }
            recorded.add(member.slot());
        });
        set[0].failed(members.get(1), cause);
        requests.getFirst().get(10, TimeUnit.SECONDS);
        assertEquals(List.of(3, 1), recorded);
        assertEquals(2, set[0].degraded());
    }

    @Test
    void anArrayThatLosesTooManyIsBrokenForGood() throws Exception {
        MemberSet set = set(1, member -> recorded.add(member.slot()));
        set.failed(members.get(1), cause);
        set.flush();
        assertThrows(IOException.class, () -> set.failed(members.get(2), cause));
        assertTrue(set.isBroken());
        assertThrows(IOException.class, set::flush);
        assertThrows(IOException.class, set::awaitRecords);
        assertEquals(List.of(1), recorded);
    }

    @Test
    void aFailureThatCannotBeRecordedBreaksTheArray() {
        MemberSet set = set(1, member -> {
            throw new IOException("no survivor");
        });
        assertThrows(IOException.class, () -> set.failed(members.get(1), cause));
        assertTrue(set.isBroken());
    }
}
