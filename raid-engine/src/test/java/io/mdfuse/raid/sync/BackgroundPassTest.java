package io.mdfuse.raid.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The state diagram of a background pass, with a pass that does nothing but wait. */
@Timeout(20)
class BackgroundPassTest {
    private static final ArrayGeometry GEOMETRY = new ArrayGeometry(ParityLayout.LEFT_SYMMETRIC_5, 3, 8, 64);

    private final ArrayEvents events = new ArrayEvents();
    private final PassParts parts = new PassParts(
            GEOMETRY,
            new MemberSet(Collections.nCopies(3, null), 1, slot -> {}, Runnable::run),
            new StripeLocks(),
            new SyncPace(() -> 0),
            events);

    /** Passes what its test says, and notes the hooks that are called. */
    private class TestPass extends BackgroundPass {
        private final List<String> hooks = Collections.synchronizedList(new ArrayList<>());

        TestPass() {
            super(parts, "test", new PassEvents(events, "the test", "", GEOMETRY.memberSectors()));
        }

        @Override
        PassOutcome pass() throws IOException, InterruptedException {
            return PassOutcome.done(64, "");
        }

        @Override
        long positionSector() {
            return 24;
        }

        @Override
        void recordEnd(PassOutcome end) {
            hooks.add("record " + end.state() + " in " + state());
        }

        @Override
        void afterEnd() {
            hooks.add("after in " + state());
        }
    }

    /** Passes nothing until it is stopped. */
    private final class WaitingPass extends TestPass {
        private final CountDownLatch running = new CountDownLatch(1);

        @Override
        PassOutcome pass() throws InterruptedException {
            running.countDown();
            while (!mustStop()) {
                Thread.sleep(1);
            }
            return PassOutcome.stopped(32);
        }
    }

    private List<String> eventNames() {
        List<String> names = new ArrayList<>();
        try {
            for (ArrayEvent event = events.take(Duration.ZERO); event != null; event = events.take(Duration.ZERO)) {
                names.add(event.name());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    @AfterEach
    void noThreadIsInterrupted() {
        assertFalse(Thread.interrupted());
    }

    @Test
    void aPassThatRunsToItsEndIsDone() {
        TestPass pass = new TestPass();
        assertEquals(PassState.WAITING, pass.state());
        assertEquals("24 / 64", pass.progress());
        pass.run();
        assertEquals(PassState.DONE, pass.state());
        assertEquals("none", pass.progress());
        assertEquals(List.of("record DONE in RUNNING", "after in DONE"), pass.hooks);
        assertEquals(List.of("RebuildStarted", "RebuildFinished"), eventNames());
        pass.run();
        assertEquals(List.of(), eventNames(), "a pass runs once");
    }

    @Test
    void aPassThatIsStoppedBeforeItRunsDoesNotRun() throws InterruptedException {
        TestPass pass = new TestPass();
        pass.stop();
        assertEquals(PassState.STOPPED, pass.state());
        assertEquals(List.of("record STOPPED in STOPPING", "after in STOPPED"), pass.hooks);
        pass.run();
        assertEquals(PassState.STOPPED, pass.state());
        assertEquals(List.of(), eventNames());
    }

    @Test
    void stopWaitsForTheEnd() throws InterruptedException {
        WaitingPass pass = new WaitingPass();
        Thread worker = Thread.ofPlatform().start(pass);
        pass.running.await();
        pass.awaitEnd(5);
        assertTrue(pass.underWay());
        pass.stop();
        assertEquals(PassState.STOPPED, pass.state());
        worker.join();
        assertEquals(List.of("RebuildStarted", "RebuildStopped"), eventNames());
    }

    @Test
    void anInterruptionIsAStop() throws InterruptedException {
        WaitingPass pass = new WaitingPass();
        Thread worker = Thread.ofPlatform().start(pass);
        pass.running.await();
        worker.interrupt();
        pass.awaitEnd(10_000);
        worker.join();
        assertEquals(PassState.STOPPED, pass.state());
    }

    @Test
    void aFailureKeepsItsReason() {
        TestPass pass = new TestPass() {
            @Override
            PassOutcome pass() throws IOException {
                throw new IOException("planted");
            }
        };
        pass.run();
        assertEquals(PassState.FAILED, pass.state());
        assertEquals(PassOutcome.failed(24, "planted"), pass.outcome());
        assertEquals(List.of("RebuildStarted", "RebuildStopped"), eventNames());
    }

    /** The conclusion of a pass may fail too: the pass still ends, and stop does not hang. */
    @Test
    void aFailureWhileThePassIsConcludedEndsIt() throws InterruptedException {
        TestPass pass = new TestPass() {
            @Override
            PassOutcome conclude(PassOutcome found) {
                throw new IllegalStateException("planted");
            }
        };
        pass.run();
        pass.stop();
        assertEquals(PassOutcome.failed(24, "planted"), pass.outcome());
    }
}
