package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.Survival;
import io.mdfuse.device.Thinning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The steps of a mount touch the media in the order of the table in docs/architecture/opening.md. If power fails after
 * or during a step, the next mount finds the content of the volume, and parity that matches.
 */
@Execution(ExecutionMode.CONCURRENT)
class OpeningCrashTest {
    /**
     * What each step does to the media: L writes to the log, D to the data of members, A to a bitmap or partial parity
     * log, S to superblocks, F flushes. Repetitions and steps that do nothing are omitted.
     */
    private static final Map<String, String> EXPECTED = Map.ofEntries(
            Map.entry("write-through", "REPLAY_LOG D F, START_LOG L F S F"),
            Map.entry("write-back", "REPLAY_LOG L F D F, START_LOG L F S F"),
            Map.entry("drop-journal", "REPLAY_LOG L F D F, START_LOG F S F"),
            Map.entry("journal lost", "RECORD_STATE F S F, START F"),
            Map.entry("add-journal", "START_LOG L F L S F S F L F S F"),
            Map.entry("dirty", "RECORD_STATE F S F, START F"),
            Map.entry("force", "RECORD_STATE F S F"),
            Map.entry("ignore-bad-block-lists", "END_BAD_BLOCK_LISTS F S F"),
            Map.entry(
                    "replacement",
                    "RESTART_REPLACEMENTS F S F, RECORD_STATE F S F, START F D F S F D F S F D F S F D F S F S F S F"),
            Map.entry("bitmap", "RECORD_STATE A F S F, START F"),
            Map.entry("bitmaps not alike", "START_BITMAPS A F A F A F, RECORD_STATE A F S F, START F"),
            Map.entry("bitmap and spare", "START A F A F S F A F D A F S F D A F S F D A F S F D A F S F A F S F"),
            Map.entry(
                    "partial parity logs",
                    "RECOVER_PARTIAL_PARITY D F, RECORD_STATE F S F, EMPTY_PARTIAL_PARITY_LOGS A F A F A F"),
            Map.entry(
                    "partial parity logs and spare",
                    "EMPTY_PARTIAL_PARITY_LOGS A F A F, START A F S F D F S F D F S F D F S F D F S F S F"));

    /** Ends the opening, as a power failure does. */
    private static final class PowerFailure extends Error {
        private static final long serialVersionUID = 1;
    }

    static Stream<OpeningScenario> scenarios() throws IOException {
        return OpeningScenario.all().stream();
    }

    @Test
    void everyScenarioHasItsOrder() throws IOException {
        assertEquals(
                EXPECTED.keySet().stream().sorted().toList(),
                scenarios().map(OpeningScenario::name).sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void eachStepTouchesTheMediaAsTheTableSays(OpeningScenario scenario) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        Map<OpeningStep, Integer> ends = new TreeMap<>();
        RaidArray array =
                scenario.mount(scenario.copies(trace), step -> assertEquals(null, ends.put(step, trace.length())));
        List<DiskEvent> events = trace.events();
        array.close();
        List<String> steps = new ArrayList<>();
        int from = 0;
        for (Map.Entry<OpeningStep, Integer> step : ends.entrySet()) {
            String touched = inLetters(events.subList(from, step.getValue()), scenario);
            if (!touched.isEmpty()) {
                steps.add(step.getKey() + touched);
            }
            from = step.getValue();
        }
        assertEquals(List.of(OpeningStep.values()), List.copyOf(ends.keySet()));
        assertEquals(EXPECTED.get(scenario.name()), String.join(", ", steps));
    }

    private static String inLetters(List<DiskEvent> events, OpeningScenario scenario) {
        StringBuilder letters = new StringBuilder();
        for (DiskEvent event : events) {
            String letter = event instanceof DiskEvent.Change change ? letter(change, scenario) : " F";
            if (!letters.toString().endsWith(letter)) {
                letters.append(letter);
            }
        }
        return letters.toString();
    }

    private static String letter(DiskEvent.Change change, OpeningScenario scenario) {
        long sector = change.offsetBytes() / 512;
        if (sector < 16) {
            return " S";
        }
        boolean hasLog = scenario.journalToAdd() != null
                || scenario.disks().getLast().name().equals("journal");
        if (hasLog && change.disk() == 3) {
            return " L";
        }
        return sector < 24 ? " A" : " D";
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aMountAfterACrashBehindAnyStepFindsTheContent(OpeningScenario scenario) throws IOException {
        for (OpeningStep last : OpeningStep.values()) {
            for (int seed = 0; seed < 2; seed++) {
                CrashTrace trace = CrashTrace.notRecording();
                List<CrashDisk> disks = scenario.copies(trace);
                assertThrows(
                        PowerFailure.class,
                        () -> scenario.mount(disks, step -> {
                            if (step == last) {
                                trace.cutPower();
                                throw new PowerFailure();
                            }
                        }));
                Survival survival = seed == 0 ? new Survival.None() : new Survival.Seeded(seed);
                try {
                    checkNextMount(scenario, trace.crashNow(survival, CrashTrace.notRecording()));
                } catch (IOException | AssertionError e) {
                    throw new AssertionError("after " + last + ", " + survival + ": " + e.getMessage(), e);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void aMountAfterACrashInAnyStepFindsTheContent(OpeningScenario scenario) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        RaidArray array = scenario.mount(scenario.copies(trace), step -> {});
        int mounted = trace.length();
        CrashStates states = new CrashStates(trace, 1, 1, 17);
        long count = states.forEach(
                new Thinning(3),
                state -> RecoveredTwice.check(state, (disks, _) -> {
                    checkNextMount(scenario, disks);
                    return true;
                }));
        array.close();
        assertTrue(count * 3 > mounted, count + " states");
    }

    private static void checkNextMount(OpeningScenario scenario, List<CrashDisk> disks) throws IOException {
        ManualTimer timer = new ManualTimer();
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
        RaidArray array = ArrayAssembler.assemble(Superblocks.on(disks), null, scenario.nextOptions(), runtime);
        Rebuilds.assertReads(array, scenario.content(), scenario.name());
        if ("0".equals(array.attributes().get("degraded"))) {
            array.setAttribute("sync_action", "check");
            assertEquals("0", array.attributes().get("mismatch_cnt"), scenario.name());
        }
        array.close();
    }
}
