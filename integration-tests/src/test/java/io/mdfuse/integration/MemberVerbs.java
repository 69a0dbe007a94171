package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program's own verbs for the members of one mounted array, and sequences that exchange members. */
record MemberVerbs(MountedArray array) {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    /** A condition to wait for. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    /** {@code mdfuse VERB MOUNTPOINT WORDS}. */
    Command.Result run(String verb, Object... words) throws IOException {
        List<Object> command = new ArrayList<>(List.of(verb, array.mountPoint()));
        command.addAll(List.of(words));
        return Verb.run(command);
    }

    /**
     * Exchanges one member for the free device, in a different way each time; returns the device that is free
     * afterwards.
     */
    Path exchange(int round, Path free) throws IOException {
        int slot = round % slots();
        Path old = device(slot);
        switch (round % 3) {
            case 0 -> {
                run("fail", old).orFail();
                run("remove", old).orFail();
                run("add", "--force", free).orFail();
            }
            case 1 -> {
                run("add", "--force", free).orFail();
                run("fail", old).orFail();
            }
            default -> run("replace", "--force", "--with", free, old).orFail();
        }
        awaitWhole();
        assertEquals("in_sync " + free, array.attribute("rd" + slot));
        if (round % 3 != 0) {
            run("remove", old).orFail();
        }
        return old;
    }

    /** Exchanges a failed member for a blank device; returns when the rebuild has begun. */
    void startRebuild(Path old, Path blank) throws IOException {
        run("fail", old).orFail();
        run("remove", old).orFail();
        run("add", blank).orFail();
        await(() -> !array.attribute("sync_completed").startsWith("0 "));
    }

    /** Exchanges two members at once for two free devices, which only RAID-6 survives. */
    List<Path> exchangeTwo(int round, List<Path> free) throws IOException {
        List<Path> old = List.of(device(round % slots()), device((round + 1) % slots()));
        for (Path device : old) {
            run("fail", device).orFail();
        }
        assertEquals("2", array.attribute("degraded"));
        for (Path device : old) {
            run("remove", device).orFail();
        }
        for (Path device : free) {
            run("add", "--force", device).orFail();
        }
        awaitWhole();
        return old;
    }

    private int slots() throws IOException {
        return Integer.parseInt(array.attribute("raid_disks"));
    }

    private Path device(int slot) throws IOException {
        return Path.of(array.attribute("rd" + slot).split(" ", 2)[1]);
    }

    /** Returns when no slot is degraded and nothing is being rebuilt. */
    void awaitWhole() throws IOException {
        await(() -> array.attribute("degraded").equals("0")
                && array.attribute("sync_action").equals("idle"));
    }

    /** Polls until the condition is true. */
    void await(Condition condition) throws IOException {
        Instant end = Instant.now().plus(LONGEST_WAIT);
        while (!condition.holds()) {
            assertTrue(Instant.now().isBefore(end), "what is waited for does not come");
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }
}
