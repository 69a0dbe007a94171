package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.FullHost;
import io.mdfuse.device.FullHostDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The events of an array, with the names of mdadm --monitor, and their order. */
class ArrayEventsTest {
    private static final CrashTrace TRACE = CrashTrace.notRecording();
    private static final ArrayShape PLAIN =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 40, 0, Superblock.IN_SYNC, false);
    private static final ArrayShape JOURNALED =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, 48, Superblock.IN_SYNC, false);

    private final Random random = new Random(3);
    private final List<FaultPlan> plans = new ArrayList<>();

    private RaidArray open(ArrayShape shape, List<CrashDisk> disks, boolean run) throws IOException {
        List<BlockDevice> devices = new ArrayList<>();
        for (CrashDisk disk : disks) {
            FaultPlan plan = new FaultPlan(7);
            plans.add(plan);
            devices.add(new FaultyDevice(disk, plan));
        }
        RaidArray array = shape.open(devices, run);
        Rebuilds.write(array, new byte[(int) shape.geometry().arrayBytes()], 0, 65536, random);
        return array;
    }

    private RaidArray open(ArrayShape shape) throws IOException {
        return open(shape, shape.create(TRACE), false);
    }

    private static List<ArrayEvent> taken(RaidArray array) {
        List<ArrayEvent> events = new ArrayList<>();
        try {
            for (ArrayEvent event = array.events().take(Duration.ZERO);
                    event != null;
                    event = array.events().take(Duration.ZERO)) {
                events.add(event);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return events;
    }

    private static List<String> names(List<ArrayEvent> events) {
        return events.stream()
                .map(event -> (event.name() + " " + event.device()).strip())
                .toList();
    }

    private void writeSome(RaidArray array) throws IOException {
        Rebuilds.write(array, new byte[8192], 0, 8192, random);
    }

    @Test
    void aFailureIsReportedWithTheSlotTheCauseAndTheRemainingRedundancy() throws IOException {
        RaidArray array = open(PLAIN);
        array.announce();
        assertEquals(List.of("NewArray"), names(taken(array)));
        plans.get(1).dieAfter(0);
        Rebuilds.rewrite(array, new byte[65536]);
        List<ArrayEvent> events = taken(array);
        assertEquals(List.of("Fail disk1"), names(events));
        assertEquals(Severity.CRITICAL, events.getFirst().severity());
        String text = events.getFirst().text();
        assertTrue(
                text.matches("disk1 \\(slot 1\\) is left out from now on: disk1: .+ survives no further failure"),
                text);
        array.close();
    }

    @Test
    void oneFailureTooManyIsAnArrayThatIsBroken() throws IOException {
        RaidArray array = open(PLAIN);
        plans.get(1).dieAfter(0);
        plans.get(2).dieAfter(0);
        assertThrows(IOException.class, () -> Rebuilds.rewrite(array, new byte[65536]));
        // The second failure happened while the superblocks recorded the first.
        List<String> names = names(taken(array)).stream()
                .map(name -> name.substring(0, name.indexOf(' ')))
                .sorted()
                .toList();
        assertEquals(List.of("ArrayBroken", "Fail"), names);
        assertEquals("broken", array.attributes().get("array_state"));
        assertThrows(IOException.class, array::close);
    }

    @Test
    void aRebuildIsReportedFromItsStartToItsEnd() throws IOException {
        RaidArray array = open(PLAIN);
        Rebuilds.manager(array).fail("disk0", false);
        assertEquals(List.of("Fail disk0"), names(taken(array)));
        Rebuilds.manager(array).add(Rebuilds.blank(PLAIN, "new", TRACE), false);
        Rebuilds.awaitWhole(array);
        assertEquals(
                List.of(
                        "RebuildStarted new",
                        "Rebuild20 new",
                        "Rebuild40 new",
                        "Rebuild60 new",
                        "Rebuild80 new",
                        "RebuildFinished new",
                        "SpareActive new"),
                names(taken(array)));
        array.close();
    }

    @Test
    void aMemberThatWasReplacedHasNotFailed() throws IOException {
        RaidArray array = open(PLAIN);
        Rebuilds.manager(array).replaceWithNew("disk0", Rebuilds.blank(PLAIN, "new", TRACE), false);
        Rebuilds.awaitWhole(array);
        List<String> names = names(taken(array));
        assertTrue(names.contains("SpareActive new"), names.toString());
        assertEquals(
                List.of(),
                names.stream().filter(name -> name.startsWith("Fail")).toList());
        assertEquals("faulty disk0", array.attributes().get("dev0"));
        array.close();
    }

    @Test
    void aDeviceThatFailsWhileItIsRebuiltIsASpareThatFailed() throws IOException {
        RaidArray array = open(PLAIN);
        Rebuilds.manager(array).fail("disk0", false);
        FaultPlan plan = new FaultPlan(7).failNth(Verb.WRITE, 20);
        Rebuilds.manager(array).add(new FaultyDevice(Rebuilds.blank(PLAIN, "new", TRACE), plan), false);
        Rebuilds.awaitSettled(array);
        List<String> names = names(taken(array));
        assertEquals(List.of("Fail disk0", "RebuildStarted new"), names.subList(0, 2));
        assertEquals(List.of("FailSpare new", "RebuildStopped new"), names.subList(names.size() - 2, names.size()));
        array.close();
    }

    @Test
    void aSpareWhoseSuperblockCantBeWrittenHasFailed() throws IOException {
        RaidArray array = open(PLAIN);
        FaultPlan plan = new FaultPlan(7);
        Rebuilds.manager(array).add(new FaultyDevice(Rebuilds.blank(PLAIN, "spare", TRACE), plan), false);
        plan.dieAfter(0);
        array.setAttribute("sync_action", "idle");
        Rebuilds.manager(array).add(Rebuilds.blank(PLAIN, "other", TRACE), false);
        assertEquals(List.of("FailSpare spare"), names(taken(array)));
        array.close();
    }

    @Test
    void aJournalFailureIsReportedAfterItsContentIsOnTheMembers() throws IOException {
        RaidArray array = open(JOURNALED);
        plans.get(3).dieAfter(0);
        assertThrows(IOException.class, () -> writeSome(array));
        array.flush();
        List<ArrayEvent> events = taken(array);
        assertEquals(List.of("Fail journal"), names(events));
        assertTrue(
                events.getFirst().text().startsWith("journal journal has failed: journal: write of "),
                events.toString());
        assertEquals("faulty journal", array.attributes().get("dev3"));
        array.close();
    }

    @Test
    void aCheckThatFindsMismatchesReportsTheirNumber() throws IOException {
        ScrubbedArray scrubbed = new ScrubbedArray(PLAIN, CrashTrace.notRecording());
        scrubbed.corrupt(1, 4096, 100);
        RaidArray array = scrubbed.open();
        array.setAttribute("sync_action", "check");
        Rebuilds.awaitSettled(array);
        List<ArrayEvent> events = taken(array);
        assertEquals("RebuildStarted", events.getFirst().name());
        assertEquals(
                ArrayEvent.of("RebuildFinished", Severity.WARNING, "the check is done: mismatches found: 8 sectors"),
                events.getLast());
        array.close();
    }

    @Test
    void aFullHostAndSpaceAgainAreReported() throws IOException {
        FullHost host = new FullHost(true);
        List<BlockDevice> devices = new ArrayList<>();
        for (CrashDisk disk : PLAIN.create(TRACE)) {
            devices.add(new FullHostDevice(disk, host, 24 * 512));
        }
        RaidArray array = PLAIN.open(devices);
        writeSome(array);
        taken(array);
        host.fillAtCall(host.calls() + 1);
        assertThrows(IOException.class, () -> Rebuilds.rewrite(array, new byte[(int) array.sizeBytes()]));
        List<ArrayEvent> events = taken(array);
        assertTrue(names(events).getFirst().startsWith("HostFull disk"), events.toString());
        assertTrue(names(events).stream().noneMatch(name -> name.startsWith("Fail")), events.toString());
        host.makeSpace();
        Rebuilds.rewrite(array, new byte[65536]);
        array.flush();
        assertTrue(names(taken(array)).stream().anyMatch(name -> name.startsWith("HostHasRoom disk")));
        array.close();
    }

    @Test
    void aDegradedArrayEmitsAnEventWhenItIsServed() throws IOException {
        List<CrashDisk> disks = PLAIN.create(TRACE);
        RaidArray array = open(PLAIN, disks.subList(0, 2), true);
        array.announce();
        List<ArrayEvent> events = taken(array);
        assertEquals(List.of("NewArray", "DegradedArray"), names(events));
        assertTrue(events.getLast().text().endsWith("lacks 1 member in sync; it survives no further failure"));
        array.close();
    }
}
