package io.mdfuse.raid.superblock.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockDisks;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SuperblockStoreTest {
    private static final long NOW = 1_800_000_000L;

    private final CrashTrace trace = CrashTrace.recording();
    private final List<String> heard = new ArrayList<>();
    private final List<FaultPlan> plans = new ArrayList<>();
    private List<FoundDevice> devices = new ArrayList<>();

    private final StoreListener listener = new StoreListener() {
        @Override
        public void memberFailed(int slot, IOException cause) {
            heard.add("member " + slot);
        }

        @Override
        public void journalFailed(IOException cause) {
            heard.add("journal");
        }
    };

    @BeforeEach
    void devices() throws DeviceException {
        devices = new ArrayList<>();
        for (FoundDevice device : SuperblockDisks.array(trace, e -> {})) {
            FaultPlan plan = new FaultPlan(1);
            plans.add(plan);
            devices.add(new FoundDevice(new FaultyDevice(device.device(), plan), device.superblock()));
        }
        trace.restart();
    }

    private SuperblockStore store() throws ArrayRefusedException {
        return new SuperblockStore(AssemblyRules.assemble(devices), () -> Instant.ofEpochSecond(NOW), listener);
    }

    private Superblock onDisk(int number) throws IOException {
        return onDisk(trace.disks().get(number));
    }

    private static Superblock onDisk(CrashDisk disk) throws IOException {
        return MemberLocator.require(disk).superblock();
    }

    @Test
    void nothingIsWrittenBeforeTheFirstUpdate() throws Exception {
        SuperblockStore store = store();
        assertEquals(7, store.events());
        assertEquals(64, store.state().journalTailSector());
        assertEquals(0, trace.length());
    }

    @Test
    void theTailIsKeptOnTheJournalAndTheEventsOnAll() throws Exception {
        SuperblockStore store = store();
        store.storeTail(128);
        assertEquals(8, store.events());
        for (int number = 0; number < 4; number++) {
            assertEquals(8, onDisk(number).events());
            assertEquals(NOW, onDisk(number).utimeSeconds());
            assertEquals(number == 3 ? 128 : 0, onDisk(number).journalTailSector());
        }
    }

    @Test
    void everyDeviceIsFlushedThenAllAreWrittenThenAllAreFlushed() throws Exception {
        store().storeResyncOffset(ResyncOffset.dirty());
        List<String> order = new ArrayList<>();
        for (DiskEvent event : trace.events()) {
            order.add((event instanceof DiskEvent.Flush ? "flush " : "write ") + event.disk());
        }
        assertEquals(
                List.of(
                        "flush 0", "flush 1", "flush 2", "flush 3", "write 0", "write 1", "write 2", "write 3",
                        "flush 0", "flush 1", "flush 2", "flush 3"),
                order);
    }

    @Test
    void onlyTheSectorsOfTheSuperblockAreWritten() throws Exception {
        store().storeTail(128);
        for (DiskEvent event : trace.events()) {
            if (event instanceof DiskEvent.Write write) {
                assertEquals(4096, write.offsetBytes());
                assertEquals(512, write.lengthBytes());
            }
        }
    }

    /** After a crash at any moment each device has the old or the new superblock, and they still form one array. */
    @Test
    void aCrashAtAnyMomentLeavesAnArray() throws Exception {
        SuperblockStore store = store();
        store.storeTail(128);
        store.storeResyncOffset(ResyncOffset.dirty());
        store.storeResyncOffset(ResyncOffset.inSync());
        long states = new CrashStates(trace, 8, 4, 1).forEach(state -> {
            List<FoundDevice> found = new ArrayList<>();
            for (CrashDisk disk : state.disks(CrashTrace.notRecording())) {
                found.add(MemberLocator.require(disk));
            }
            Assembly assembly = AssemblyRules.assemble(found);
            assertEquals(List.of(), assembly.missingSlots());
            FoundDevice journal = assembly.journal();
            long tail = journal == null ? -1 : journal.superblock().journalTailSector();
            assertTrue(tail == 64 || tail == 128, "tail " + tail);
        });
        assertTrue(states > 100, states + " states");
    }

    @Test
    void aFaultyMemberIsRecordedByTheOthersAndNotWritten() throws Exception {
        SuperblockStore store = store();
        store.markFaulty(1);
        store.markFaulty(1);
        assertEquals(8, store.events());
        assertEquals(7, onDisk(1).events());
        for (int number : new int[] {0, 2, 3}) {
            assertEquals(8, onDisk(number).events());
            assertEquals(Roles.FAULTY, onDisk(number).role(1));
        }
        store.storeTail(72);
        assertEquals(7, onDisk(1).events());
        assertEquals(Roles.FAULTY, onDisk(0).role(1));
    }

    @Test
    void aMissingDeviceLosesItsRole() throws Exception {
        devices.remove(1);
        store().storeTail(72);
        assertEquals(Roles.SPARE, onDisk(0).role(1));
        assertEquals(2, onDisk(0).role(2));
        assertEquals(Roles.JOURNAL, onDisk(0).role(3));
        // It is one event behind: otherwise it would be accepted as if nothing had been written without it.
        List<FoundDevice> back = new ArrayList<>();
        for (CrashDisk disk : trace.disks()) {
            back.add(MemberLocator.require(disk));
        }
        assertEquals(List.of(1), AssemblyRules.assemble(back).missingSlots());
    }

    @Test
    void aSpareIsKeptUpToDate() throws Exception {
        devices.add(SuperblockDisks.device(4, trace, e -> {}));
        store().storeResyncOffset(ResyncOffset.dirty());
        assertEquals(8, onDisk(4).events());
        assertEquals(Roles.SPARE, onDisk(4).ownRole());
    }

    @Test
    void featuresOfOneDeviceStayItsOwn() throws Exception {
        FoundDevice changed = SuperblockDisks.device(
                1,
                trace,
                e -> e.featureMap(Features.JOURNAL | Features.RECOVERY_OFFSET).recoveryOffsetSectors(4096));
        devices.set(1, changed);
        SuperblockStore store = store();
        store.update(s -> s.withFeatures(Features.BITMAP).withResyncOffset(ResyncOffset.dirty()));
        assertEquals(8, store.events());
        assertEquals(Features.BITMAP | Features.JOURNAL, onDisk(0).featureMap());
        assertEquals(
                Features.BITMAP | Features.JOURNAL | Features.RECOVERY_OFFSET,
                onDisk(4).featureMap());
        assertEquals(4096, onDisk(4).recoveryOffsetSectors());
        store.clearFeatures(Features.BITMAP);
        assertEquals(Features.JOURNAL, onDisk(0).featureMap());
        assertEquals(0, onDisk(0).resyncOffsetSectors());
    }

    @Test
    void anAssertionIsNotWrittenIfAMemberCannotBeFlushed() throws Exception {
        SuperblockStore store = store();
        plans.get(2).failNth(Verb.FLUSH, 1);
        assertThrows(DeviceException.class, () -> store.storeTail(128));
        assertEquals(List.of("member 2"), heard);
        assertEquals(7, store.events());
        assertEquals(64, store.state().journalTailSector());
        assertEquals(64, onDisk(3).journalTailSector());
        store.markFaulty(2);
        store.storeTail(128);
        assertEquals(128, onDisk(3).journalTailSector());
        assertEquals(7, onDisk(2).events());
    }

    @Test
    void aMemberWhoseSuperblockFailsIsReportedAndTheOthersAreWritten() throws Exception {
        SuperblockStore store = store();
        plans.get(0).failNth(Verb.WRITE, 1);
        store.storeTail(128);
        assertEquals(List.of("member 0"), heard);
        assertEquals(128, onDisk(3).journalTailSector());
        assertEquals(8, onDisk(1).events());
    }

    @Test
    void aTailThatTheJournalDidNotStoreIsNotUsed() throws Exception {
        for (Verb verb : new Verb[] {Verb.WRITE, Verb.FLUSH}) {
            SuperblockStore store = store();
            heard.clear();
            plans.get(3).failNth(verb, plans.get(3).calls(verb) + (verb == Verb.FLUSH ? 2 : 1));
            assertThrows(DeviceException.class, () -> store.storeTail(128));
            assertEquals(List.of("journal"), heard);
            assertEquals(64, store.state().journalTailSector());
            long before = store.events();
            store.storeTail(128);
            assertEquals(before + 1, store.events());
            store.storeTail(64);
        }
    }

    @Test
    void aFailureIsRecordedEvenIfAnotherMemberFailsMeanwhile() throws Exception {
        SuperblockStore store = store();
        plans.get(0).dieAfter(0);
        store.markFaulty(1);
        assertEquals(List.of("member 0"), heard);
        assertEquals(Roles.FAULTY, onDisk(2).role(1));
        assertTrue(store.state().faultySlots().contains(1));
    }

    /**
     * If they were recorded one after the other, a crash in between would leave the second two events behind, and
     * stale.
     */
    @Test
    void membersThatFailInOneUpdateAreRecordedInOne() throws Exception {
        SuperblockStore store = recording();
        plans.get(0).dieAfter(1);
        plans.get(1).dieAfter(1);
        store.storeResyncOffset(ResyncOffset.dirty());
        assertEquals(9, store.events());
        assertEquals(Roles.FAULTY, onDisk(2).role(0));
        assertEquals(Roles.FAULTY, onDisk(2).role(1));
        new CrashStates(trace, 8, 4, 3).forEach(state -> {
            List<FoundDevice> found = new ArrayList<>();
            for (CrashDisk disk : state.disks(CrashTrace.notRecording())) {
                found.add(MemberLocator.require(disk));
            }
            Assembly assembly = AssemblyRules.assemble(found);
            List<Integer> missing = assembly.missingSlots();
            assertTrue(missing.isEmpty() || missing.equals(List.of(0, 1)), missing.toString());
        });
    }

    @Test
    void neitherIsRecordedIfTheArrayCannotDoWithoutBoth() throws Exception {
        SuperblockStore store = store();
        plans.get(0).dieAfter(1);
        plans.get(1).dieAfter(1);
        store.storeResyncOffset(ResyncOffset.dirty());
        assertEquals(List.of("member 0", "member 1"), heard);
        // The listener can do without one of the two only.
        assertThrows(DeviceException.class, () -> store.markFaulty(0));
        for (int number = 0; number < 4; number++) {
            assertTrue(onDisk(number).events() >= 7 && onDisk(number).events() <= 8);
            assertEquals(0, onDisk(number).role(0));
        }
        assertFalse(store.state().faultySlots().contains(0));
    }

    @Test
    void aDeviceWhoseFlushFailedIsBroughtUpToDateBeforeTheNextUpdate() throws Exception {
        SuperblockStore store = store();
        plans.get(3).failNth(Verb.FLUSH, 2);
        assertThrows(DeviceException.class, () -> store.storeTail(128));
        trace.restart();
        store.markFaulty(1);
        new CrashStates(trace, 8, 2, 3).forEach(state -> {
            CrashDisk journal = state.disks(CrashTrace.notRecording()).get(3);
            CrashDisk member = state.disks(CrashTrace.notRecording()).get(0);
            assertTrue(onDisk(member).events() - onDisk(journal).events() <= 1);
        });
    }

    /** Each member that fails is marked faulty at once. */
    private SuperblockStore recording() throws ArrayRefusedException {
        List<SuperblockStore> self = new ArrayList<>();
        self.add(new SuperblockStore(AssemblyRules.assemble(devices), Instant::now, new StoreListener() {
            @Override
            public void memberFailed(int slot, IOException cause) {
                try {
                    self.getFirst().markFaulty(slot);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void journalFailed(IOException cause) {
                throw new IllegalStateException(cause);
            }
        }));
        return self.getFirst();
    }

    @Test
    void aFailureThatNoDeviceStoredIsNotRecorded() throws Exception {
        SuperblockStore store = store();
        plans.forEach(plan -> plan.dieAfter(0));
        assertThrows(DeviceException.class, () -> store.markFaulty(1));
        assertFalse(store.state().faultySlots().contains(1));
        assertEquals(List.of("member 0", "member 2", "journal"), heard);
    }

    @Test
    void anAssertionIsWrittenAgainWithoutTheMemberThatFailed() throws Exception {
        plans.get(1).failNth(Verb.FLUSH, 1);
        SuperblockStore store = recording();
        store.storeTail(128);
        assertEquals(Roles.FAULTY, onDisk(0).role(1));
        assertEquals(128, onDisk(3).journalTailSector());
        assertEquals(7, onDisk(1).events());
    }

    /** It does not become part of the array: a rebuild must not use it, since its superblock would never be written. */
    @Test
    void aSpareThatCannotBeWrittenIsRefused() throws Exception {
        for (int failing = 1; failing <= 3; failing++) {
            SuperblockStore store = store();
            FaultPlan plan = new FaultPlan(1);
            FoundDevice device = SuperblockDisks.device(4, CrashTrace.notRecording(), e -> {});
            FoundDevice spare = new FoundDevice(new FaultyDevice(device.device(), plan), device.superblock());
            plan.failNth(Verb.FLUSH, failing);
            if (failing <= 2) {
                assertThrows(IOException.class, () -> store.addSpare(spare));
            } else {
                store.addSpare(spare);
                assertThrows(IOException.class, () -> store.startRebuild(4, 1, true));
            }
            assertNull(store.state().roleOf(4), "flush " + failing);
        }
    }

    @Test
    void aSpareThatFailsDoesNotStopTheOthers() throws Exception {
        devices.add(SuperblockDisks.device(4, trace, e -> {}));
        FaultPlan spare = new FaultPlan(1);
        devices.set(
                4,
                new FoundDevice(
                        new FaultyDevice(devices.get(4).device(), spare),
                        devices.get(4).superblock()));
        spare.failNth(Verb.FLUSH, 1);
        SuperblockStore store = store();
        store.storeTail(128);
        assertEquals(128, onDisk(3).journalTailSector());
        assertEquals(7, onDisk(4).events());
    }

    @Test
    void aJournalThatFailedIsRecordedByTheMembersAndNotWritten() throws Exception {
        SuperblockStore store = store();
        store.markJournalFaulty();
        assertEquals(7, onDisk(3).events());
        assertEquals(Roles.FAULTY, onDisk(0).role(3));
        store.storeResyncOffset(ResyncOffset.dirty());
        assertEquals(7, onDisk(3).events());
    }
}
