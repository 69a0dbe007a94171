package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.store.StoreListener;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each row of the table of {@link UpdateTimes}. The sample devices were last written at 22:13:21. */
final class UpdateTimesTest {
    private static final long THEN = 1_700_000_001L;
    private static final long A_DAY = 86_400;

    private List<FoundDevice> devices = new ArrayList<>();

    @BeforeEach
    void aWholeArray() throws DeviceException {
        devices = SuperblockDisks.array(CrashTrace.notRecording(), e -> {});
    }

    private void change(int number, Consumer<SuperblockEditor> change) throws DeviceException {
        devices.set(number, SuperblockDisks.device(number, change));
    }

    private String contradiction() throws ArrayRefusedException {
        return UpdateTimes.contradiction(AssemblyRules.assemble(devices)).orElse("");
    }

    @Test
    void membersWithOneEventCountMustHaveOneTime() throws Exception {
        assertEquals("", contradiction());
        change(1, e -> e.utimeSeconds(THEN + UpdateTimes.MAX_SECONDS_APART));
        assertEquals("", contradiction());
        change(1, e -> e.utimeSeconds(THEN - A_DAY));
        assertEquals(
                "disk1 at 2023-11-13 22:13:21 UTC; disk0, disk2, disk3 at 2023-11-14 22:13:21 UTC", contradiction());
    }

    @Test
    void theJournalMustHaveTheMembersTime() throws Exception {
        change(3, e -> e.utimeSeconds(THEN + 60));
        assertTrue(contradiction().contains("disk3 at 2023-11-14 22:14:21 UTC"), contradiction());
    }

    @Test
    void aMemberThatIsBeingRebuiltMustHaveTheMembersTime() throws Exception {
        change(
                1,
                e -> e.utimeSeconds(THEN - A_DAY)
                        .featureMap(Features.JOURNAL | Features.RECOVERY_OFFSET)
                        .recoveryOffsetSectors(4096));
        assertTrue(contradiction().contains("disk1"), contradiction());
    }

    @Test
    void aCrashBetweenTwoWritesIsOnlyReported() throws Exception {
        change(1, e -> e.utimeSeconds(THEN - A_DAY).events(6));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(Optional.empty(), UpdateTimes.contradiction(assembly));
        assertEquals(1, UpdateTimes.laggards(assembly).size());
        assertTrue(UpdateTimes.laggards(assembly).getFirst().startsWith("disk1: last written at 2023-11-13"));
        // The reverse: those that are ahead are the older ones if the crash came while the array became clean.
        change(1, e -> e.utimeSeconds(THEN + A_DAY).events(6));
        assertEquals(List.of(), UpdateTimes.laggards(AssemblyRules.assemble(devices)));
    }

    @Test
    void aMemberThatIsBehindAndMuchOlderIsNamed() throws Exception {
        change(1, e -> e.utimeSeconds(THEN - UpdateTimes.MAX_SECONDS_BEHIND).events(6));
        assertEquals(Optional.empty(), UpdateTimes.oldMembers(AssemblyRules.assemble(devices)));
        change(1, e -> e.utimeSeconds(THEN - UpdateTimes.MAX_SECONDS_BEHIND - 1).events(6));
        String old = UpdateTimes.oldMembers(AssemblyRules.assemble(devices)).orElseThrow();
        assertTrue(old.startsWith("disk1 was last written at 2023-11-14 22:13:10 UTC, events 6, the others at"), old);
        Assembly without = UpdateTimes.withoutOldImages(AssemblyRules.assemble(devices), 1);
        assertEquals(List.of(1), without.missingSlots());
        assertEquals(Assembly.Standing.OLD_IMAGE, without.others().getFirst().standing());
        assertEquals(
                List.of(),
                UpdateTimes.withoutOldImages(AssemblyRules.assemble(devices), 0).missingSlots());
    }

    /** Its recovery offset is as old as its content. */
    @Test
    void aDeviceBeingRebuiltThatIsBehindAndMuchOlderIsNamed() throws Exception {
        change(
                1,
                e -> e.utimeSeconds(THEN - A_DAY)
                        .events(6)
                        .featureMap(Features.JOURNAL | Features.RECOVERY_OFFSET)
                        .recoveryOffsetSectors(4096));
        assertTrue(UpdateTimes.oldMembers(AssemblyRules.assemble(devices))
                .orElse("")
                .startsWith("disk1 was last written"));
        assertEquals(
                List.of(),
                UpdateTimes.withoutOldImages(AssemblyRules.assemble(devices), 1).rebuilding());
    }

    /**
     * A replay of an older image writes old data over newer data; a crash in a busy array leaves times that are close.
     */
    @Test
    void aJournalThatIsBehindAndMuchOlderIsNamed() throws Exception {
        change(3, e -> e.utimeSeconds(THEN - A_DAY).events(6));
        assertEquals(Optional.empty(), UpdateTimes.contradiction(AssemblyRules.assemble(devices)));
        String old = UpdateTimes.oldJournal(AssemblyRules.assemble(devices)).orElseThrow();
        assertTrue(old.startsWith("disk3 was last written at 2023-11-13 22:13:21 UTC, events 6"), old);
        change(3, e -> e.utimeSeconds(THEN - UpdateTimes.MAX_SECONDS_APART).events(6));
        assertEquals(Optional.empty(), UpdateTimes.oldJournal(AssemblyRules.assemble(devices)));
        change(3, e -> {});
        assertEquals(Optional.empty(), UpdateTimes.oldJournal(AssemblyRules.assemble(devices)));
    }

    @Test
    void devicesOneEventBehindMustHaveOneTimeToo() throws Exception {
        change(0, e -> e.events(6));
        change(1, e -> e.events(6).utimeSeconds(THEN - A_DAY));
        assertTrue(contradiction().contains("disk1"), contradiction());
    }

    @Test
    void sparesAndFaultyDevicesAreNotCompared() throws Exception {
        devices.add(SuperblockDisks.device(4, e -> e.utimeSeconds(THEN - A_DAY)));
        assertEquals("", contradiction());
        for (int number : new int[] {0, 1, 3}) {
            change(number, e -> e.role(2, Roles.FAULTY).events(8));
        }
        change(2, e -> e.utimeSeconds(THEN - A_DAY));
        assertEquals("", contradiction());
        assertEquals(List.of(), UpdateTimes.laggards(AssemblyRules.assemble(devices)));
    }

    @Test
    void membersThatMdadmForcedAreNotCompared() throws Exception {
        for (int number : new int[] {0, 3}) {
            change(number, e -> e.role(2, Roles.FAULTY));
        }
        change(2, e -> e.utimeSeconds(THEN - A_DAY));
        assertEquals("", contradiction());
        assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
    }

    @Test
    void takenBackMembersAreNotCompared() throws Exception {
        for (int number : new int[] {0, 3}) {
            change(number, e -> e.role(2, Roles.FAULTY).role(1, Roles.FAULTY).events(8));
        }
        change(1, e -> e.utimeSeconds(THEN - A_DAY).events(5));
        change(2, e -> e.utimeSeconds(THEN - 2 * A_DAY).events(4));
        Assembly forced = ForcedReturn.takeBack(AssemblyRules.assemble(devices), 1);
        assertEquals(1, forced.takenBack().size());
        assertEquals(Optional.empty(), UpdateTimes.contradiction(forced));
        assertEquals(List.of(), UpdateTimes.laggards(forced));
    }

    /** A device that is one event behind first gets the present event count, with its update time. */
    @Test
    void aCrashWhileADeviceIsBroughtUpToDateIsNoContradiction() throws Exception {
        CrashTrace trace = CrashTrace.recording();
        devices.clear();
        for (int number = 0; number < 4; number++) {
            boolean behind = number == 1;
            devices.add(SuperblockDisks.device(
                    number, trace, e -> e.events(behind ? 6 : 7).utimeSeconds(behind ? THEN - A_DAY : THEN)));
        }
        trace.restart();
        SuperblockStore store = new SuperblockStore(
                AssemblyRules.assemble(devices), () -> Instant.ofEpochSecond(THEN + A_DAY), new StoreListener() {
                    @Override
                    public void memberFailed(int deviceNumber, IOException cause) {
                        throw new AssertionError(cause);
                    }

                    @Override
                    public void journalFailed(IOException cause) {
                        throw new AssertionError(cause);
                    }
                });
        store.storeTail(128);
        long states = new CrashStates(trace, 8, 4, 1).forEach(state -> {
            List<FoundDevice> found = new ArrayList<>();
            for (CrashDisk disk : state.disks(CrashTrace.notRecording())) {
                found.add(MemberLocator.require(disk));
            }
            assertEquals(Optional.empty(), UpdateTimes.contradiction(AssemblyRules.assemble(found)));
        });
        assertTrue(states > 20, states + " states");
    }
}
