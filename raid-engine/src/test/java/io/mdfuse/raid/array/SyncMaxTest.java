package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attribute sync_max: a check waits there, without a lease, until it is raised or the check is stopped. */
@Timeout(60)
class SyncMaxTest {
    private static final int CHUNK_SECTORS = 16;
    private static final int ROWS = 20;
    private static final int LIMIT = 5 * CHUNK_SECTORS;

    private final ScrubbedArray scrubbed = new ScrubbedArray(
            ScrubRuns.shape(ParityLayout.LEFT_SYMMETRIC_6, 5, CHUNK_SECTORS, ROWS, 0), CrashTrace.recording());

    SyncMaxTest() throws IOException {}

    /** The check runs on a thread of its own; returns once it waits at the limit. */
    private static Thread startCheck(RaidArray array) throws InterruptedException {
        Thread check = Thread.ofPlatform().start(() -> {
            try {
                array.setAttribute("sync_action", "check");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        String waiting = LIMIT + " / " + ROWS * CHUNK_SECTORS;
        while (!Rebuilds.attribute(array, "sync_completed").equals(waiting)) {
            Thread.sleep(5);
        }
        return check;
    }

    @Test
    void aCheckWaitsAtTheLimitAndGoesOnWhenItIsRaised() throws IOException, InterruptedException {
        scrubbed.corrupt(1, (LIMIT - 8) * 512L, 10);
        scrubbed.corrupt(1, LIMIT * 512L, 10);
        try (RaidArray array = scrubbed.open()) {
            array.setAttribute("sync_max", Integer.toString(LIMIT));
            Thread check = startCheck(array);
            Thread.sleep(250);
            assertTrue(check.isAlive());
            assertEquals("check", Rebuilds.attribute(array, "sync_action"));
            assertEquals("8", Rebuilds.attribute(array, "mismatch_cnt"), "nothing behind the limit was compared");
            assertThrows(ArrayRefusedException.class, () -> array.setAttribute("sync_max", "16"));
            array.setAttribute("sync_max", Integer.toString(LIMIT + CHUNK_SECTORS));
            while (!Rebuilds.attribute(array, "sync_completed").startsWith(LIMIT + CHUNK_SECTORS + " ")) {
                Thread.sleep(5);
            }
            array.setAttribute("sync_max", "max");
            check.join();
            assertEquals("done", Rebuilds.attribute(array, "last_sync_result"));
            assertEquals("16", Rebuilds.attribute(array, "mismatch_cnt"));
        }
    }

    @Test
    void aCheckThatReachedTheEndLiftsTheLimit() throws IOException {
        try (RaidArray array = scrubbed.open()) {
            array.setAttribute("sync_max", Integer.toString(ROWS * CHUNK_SECTORS));
            ScrubRuns.run(array, "check");
            assertEquals("max", Rebuilds.attribute(array, "sync_max"));
        }
    }

    /** A waiting check holds no lease: every stripe can be written. It ends where it was when it is stopped. */
    @Test
    void aWaitingCheckHindersNoRequestAndCanBeStopped() throws IOException, InterruptedException {
        try (RaidArray array = scrubbed.open();
                Arena arena = Arena.ofConfined()) {
            array.setAttribute("sync_max", Integer.toString(LIMIT));
            Thread check = startCheck(array);
            byte[] content = scrubbed.content();
            array.write(0, arena.allocate(content.length).copyFrom(MemorySegment.ofArray(content)));
            array.setAttribute("sync_action", "idle");
            assertEquals("idle", Rebuilds.attribute(array, "sync_action"));
            assertEquals("stopped at sector " + LIMIT, Rebuilds.attribute(array, "last_sync_result"));
            assertEquals(Integer.toString(LIMIT), Rebuilds.attribute(array, "sync_min"));
            assertEquals(Integer.toString(LIMIT), Rebuilds.attribute(array, "sync_max"));
            check.join();
        }
    }

    @Test
    void aWaitingCheckEndsWhenAMemberFails() throws IOException, InterruptedException {
        try (RaidArray array = scrubbed.open()) {
            array.setAttribute("sync_max", Integer.toString(LIMIT));
            Thread check = startCheck(array);
            array.setAttribute("dev2_state", "faulty");
            check.join();
            assertEquals("faulty", Rebuilds.attribute(array, "dev2_state"));
            assertFalse(Rebuilds.attribute(array, "last_sync_result").equals("done"));
        }
    }

    @Test
    void closingTheArrayEndsAWaitingCheck() throws IOException, InterruptedException {
        RaidArray array = scrubbed.open();
        array.setAttribute("sync_max", Integer.toString(LIMIT));
        Thread check = startCheck(array);
        array.close();
        check.join();
        ScrubRuns.assertSound(scrubbed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "x", "", "-16", "17", "24"})
    void aWrongLimitIsRefused(String value) throws IOException {
        try (RaidArray array = scrubbed.open()) {
            assertThrows(IllegalArgumentException.class, () -> array.setAttribute("sync_max", value));
            assertEquals("max", Rebuilds.attribute(array, "sync_max"));
        }
    }

    @Test
    void theStartIsNotBehindTheLimit() throws IOException {
        try (RaidArray array = scrubbed.open()) {
            array.setAttribute("sync_max", "32");
            assertThrows(IllegalArgumentException.class, () -> array.setAttribute("sync_min", "40"));
            array.setAttribute("sync_min", "24");
            assertThrows(IllegalArgumentException.class, () -> array.setAttribute("sync_max", "16"));
        }
    }
}
