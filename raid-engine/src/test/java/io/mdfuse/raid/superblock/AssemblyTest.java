package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly.Standing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One test for each rule of {@link AssemblyRules} and {@link ArrayLimits}. */
final class AssemblyTest {
    private List<FoundDevice> devices = new ArrayList<>();

    @BeforeEach
    void aWholeArray() throws DeviceException {
        devices = SuperblockDisks.array(CrashTrace.notRecording(), e -> {});
    }

    private void change(int number, Consumer<SuperblockEditor> change) throws DeviceException {
        devices.set(number, SuperblockDisks.device(number, change));
    }

    private void changeAll(Consumer<SuperblockEditor> change) throws DeviceException {
        devices = SuperblockDisks.array(CrashTrace.notRecording(), change);
    }

    private void refused(Reason reason, String... words) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> AssemblyRules.assemble(devices));
        assertEquals(reason, e.reason(), e.getMessage());
        for (String word : words) {
            assertTrue(e.toString().contains(word), e.toString());
        }
        assertEquals(1, e.toString().lines().count());
    }

    @Test
    void aWholeArrayInAnyOrder() throws Exception {
        for (int turn = 0; turn < 4; turn++) {
            Collections.rotate(devices, 1);
            Assembly assembly = AssemblyRules.assemble(devices);
            for (int slot = 0; slot < 3; slot++) {
                FoundDevice member = assembly.slots().get(slot);
                assertEquals("disk" + slot, member == null ? null : member.name());
            }
            FoundDevice journal = assembly.journal();
            assertEquals("disk3", journal == null ? null : journal.name());
            assertEquals(List.of(), assembly.missingSlots());
            assertEquals(List.of(), assembly.others());
            assertTrue(assembly.journalRequired());
        }
    }

    @Test
    void missingDevicesAreReportedNotRefused() throws Exception {
        devices = List.of(devices.get(1));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(0, 2), assembly.missingSlots());
        assertNull(assembly.journal());
        assertTrue(assembly.journalRequired());
        devices = List.of();
        refused(Reason.MISSING);
    }

    @Test
    void aMemberOfAnotherArrayIsForeignEvenIfItIsTheFreshest() throws Exception {
        byte[] other = new byte[16];
        other[0] = 0x77;
        change(1, e -> e.setUuid(other).events(100));
        refused(Reason.FOREIGN, "disk1: belongs to array 77000000:", "00010203:", "leave disk1 out and mount again");
    }

    @Test
    void aCopyOfAMemberIsADuplicate() throws Exception {
        devices.add(SuperblockDisks.device(1, e -> {}));
        refused(
                Reason.DUPLICATE,
                "disk1",
                "device UUID 01010101:",
                "copies of each other",
                "leave one out and mount again");
    }

    /** Beside a newer copy of the same device it must not keep the array from starting. */
    @Test
    void anOlderCopyOfADeviceIsStale() throws Exception {
        for (int number : new int[] {1, 3}) {
            aWholeArray();
            FoundDevice older = SuperblockDisks.device(number, e -> e.events(5));
            devices.add(older);
            for (int turn = 0; turn < devices.size(); turn++) {
                Collections.rotate(devices, 1);
                assertEquals(Standing.STALE, onlyStanding());
                assertSame(
                        older,
                        AssemblyRules.assemble(devices).others().getFirst().device());
                assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
                assertEquals(false, AssemblyRules.assemble(devices).lacksJournal());
            }
        }
    }

    @Test
    void ofThreeCopiesTheNewestIsUsed() throws Exception {
        devices.add(SuperblockDisks.device(1, e -> e.events(2)));
        devices.add(SuperblockDisks.device(1, e -> e.events(5)));
        assertEquals(2, AssemblyRules.assemble(devices).others().size());
        assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
        devices.add(SuperblockDisks.device(1, e -> {}));
        refused(Reason.DUPLICATE, "copies of each other");
    }

    /**
     * A crash while superblocks are written leaves one event between any two, so the count does not say which is newer.
     */
    @Test
    void copiesWithCloseEventCountsAreRefusedAndTheOlderIsNamed() throws Exception {
        devices.add(SuperblockDisks.device(1, e -> e.events(6).utimeSeconds(1_600_000_000L)));
        String older = "is the older one (events 6, last written 2020-09-13 12:26:40 UTC; ";
        refused(
                Reason.DUPLICATE,
                "device UUID 01010101:",
                older,
                "events 7, last written 2023-11-14",
                "and mount again");
        devices.set(4, SuperblockDisks.device(1, e -> e.utimeSeconds(1_600_000_000L)));
        refused(Reason.DUPLICATE, "is the older one (events 7, last written 2020-09-13 12:26:40 UTC; ");
    }

    @Test
    void theFreshestSuperblockIsTheReference() throws Exception {
        change(2, e -> e.events(8).resyncOffsetSectors(4096));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertSame(devices.get(2).superblock(), assembly.reference());
        assertEquals(List.of(), assembly.missingSlots());
    }

    private Standing onlyStanding() throws ArrayRefusedException {
        List<Assembly.Bystander> others = AssemblyRules.assemble(devices).others();
        assertEquals(1, others.size());
        return others.getFirst().standing();
    }

    @Test
    void aMemberMoreThanOneEventBehindIsStale() throws Exception {
        changeAll(e -> e.events(9));
        change(0, e -> e.events(8));
        assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
        change(0, e -> e.events(7));
        assertEquals(Standing.STALE, onlyStanding());
        assertEquals(List.of(0), AssemblyRules.assemble(devices).missingSlots());
    }

    @Test
    void aJournalMayLagByOneEventOnly() throws Exception {
        changeAll(e -> e.events(9));
        change(3, e -> e.events(8));
        assertEquals(List.of(), AssemblyRules.assemble(devices).others());
        change(3, e -> e.events(7));
        assertEquals(Standing.STALE, onlyStanding());
        assertTrue(AssemblyRules.assemble(devices).lacksJournal());
    }

    /**
     * A member's failure is recorded even if the journal can't be written, and the journal's content is still needed.
     */
    @Test
    void aJournalMayLagByOneEventMoreForEachMemberThatFailed() throws Exception {
        for (int number = 0; number < 2; number++) {
            change(number, e -> e.events(9).role(2, Roles.FAULTY));
        }
        devices.remove(2);
        devices.set(2, SuperblockDisks.device(3, e -> e.events(7)));
        FoundDevice journal = AssemblyRules.assemble(devices).journal();
        assertEquals("disk3", journal == null ? null : journal.name());
        devices.set(2, SuperblockDisks.device(3, e -> e.events(6)));
        assertEquals(Standing.STALE, onlyStanding());
        devices.set(2, SuperblockDisks.device(3, e -> e.events(7)));
        change(1, e -> e.events(7).role(2, Roles.FAULTY));
        assertEquals(Standing.STALE, onlyStanding());
    }

    @Test
    void aDeviceThatTheReferenceCallsFaultyIsNotUsed() throws Exception {
        for (int number : new int[] {0, 1, 3}) {
            change(number, e -> e.events(8).role(2, Roles.FAULTY));
        }
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(2), assembly.missingSlots());
        assertEquals(Standing.FAULTY, assembly.others().getFirst().standing());
    }

    @Test
    void aDeviceWithoutASlotInTheReferenceIsRemoved() throws Exception {
        for (int number : new int[] {0, 1, 3}) {
            change(number, e -> e.events(5000).role(2, Roles.SPARE));
        }
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(2), assembly.missingSlots());
        assertEquals(Standing.REMOVED, assembly.others().getFirst().standing());
    }

    @Test
    void aSpareIsNotAMemberAndItsEventsAreIgnored() throws Exception {
        devices.add(SuperblockDisks.device(4, e -> e.events(900)));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(), assembly.missingSlots());
        assertEquals(Standing.SPARE, assembly.others().getFirst().standing());
        assertEquals(7, assembly.reference().events());
    }

    @Test
    void anArrayThatWasUsedInTwoHalvesIsRefused() throws Exception {
        change(0, e -> e.role(1, Roles.FAULTY));
        refused(Reason.UNSAFE, "disk1: says it is slot 1, but disk0", "says faulty");
    }

    /**
     * mdadm --assemble --force raises the event count of a member that is behind, and keeps its role table and its
     * update time: the table may lack a device that joined since (seen with Linux 6.1 and mdadm 4.2).
     */
    @Test
    void anOldTableOfAMemberThatMdadmForcedContradictsNoOtherDevice() throws Exception {
        change(0, e -> e.deviceNumber(5).role(5, 0).role(0, Roles.SPARE));
        for (int number : new int[] {1, 3}) {
            change(number, e -> e.role(5, 0).role(0, Roles.SPARE));
        }
        change(2, e -> e.utimeSeconds(1_600_000_000));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(), assembly.missingSlots());
        assertTrue(
                UpdateTimes.contradiction(assembly).orElse("").contains("disk2 at "), "a mount still asks for --force");
    }

    @Test
    void aDeviceThatCallsItselfASpareIsASpare() throws Exception {
        change(1, e -> e.role(1, Roles.SPARE));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(1), assembly.missingSlots());
        assertEquals(Standing.SPARE, assembly.others().getFirst().standing());
    }

    @Test
    void aSlotWhoseRebuildIsNotCompleteCountsAsMissing() throws Exception {
        change(1, e -> e.featureMap(Features.JOURNAL | Features.RECOVERY_OFFSET).recoveryOffsetSectors(4096));
        assertEquals(
                Standing.REBUILDING,
                AssemblyRules.assemble(devices).others().getFirst().standing());
        change(1, e -> e.featureMap(Features.JOURNAL | Features.RECOVERY_OFFSET).recoveryOffsetSectors(8192));
        assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
        // Power failed when the others already gave it the slot.
        change(1, e -> e.events(6).role(1, Roles.SPARE));
        assertEquals(
                Standing.REBUILDING,
                AssemblyRules.assemble(devices).others().getFirst().standing());
    }

    @Test
    void aDeviceWithAnotherLevelOrLayoutIsForeign() throws Exception {
        change(1, e -> e.chunkSectors(256));
        refused(Reason.FOREIGN, "disk1: describes an array of", "chunk 128K", "chunk 64K");
        change(1, e -> e.layout(0));
        refused(Reason.FOREIGN, "layout 0", "layout 2");
        change(1, e -> e.level(4));
        refused(Reason.FOREIGN, "level 4", "level 5");
        change(1, e -> e.raidDisks(4));
        refused(Reason.FOREIGN, "4 slots", "3 slots");
    }

    @Test
    void aSlotAndTheJournalAreClaimedOnce() throws Exception {
        changeAll(e -> e.role(2, 1));
        refused(Reason.DUPLICATE, "disk2 and disk1", "slot 1");
        changeAll(e -> e.role(2, Roles.JOURNAL));
        refused(Reason.DUPLICATE, "disk3 and disk2", "journal");
    }

    @Test
    void aJournalWithoutTheFeatureIsRefused() throws Exception {
        change(3, e -> e.featureMap(0));
        refused(Reason.CORRUPT, "disk3", "journal feature");
    }

    @Test
    void aRoleBeyondTheSlotsIsRefused() throws Exception {
        changeAll(e -> e.role(2, 3));
        refused(Reason.CORRUPT, "role 3 in an array of 3 slots");
    }

    @Test
    void otherLevelsAreRefused() throws Exception {
        for (int level : new int[] {-4, 2, 3, 7}) {
            changeAll(e -> e.level(level));
            refused(Reason.UNSUPPORTED, "level " + level);
        }
    }

    @Test
    void unsupportedFeaturesAreRefusedByName() throws Exception {
        changeAll(e -> e.featureMap(Features.CLUSTERED | Features.BITMAP));
        refused(Reason.UNSUPPORTED, "clustered");
    }

    private static ReshapeState reshape(long position, int newLevel, long newChunkBytes, int deltaDisks) {
        return new ReshapeState(position, newLevel, 2, newChunkBytes, deltaDisks, 0, deltaDisks < 0);
    }

    @Test
    void aReshapeWithNumbersThatMdDoesNotWriteIsRefused() throws Exception {
        changeAll(e -> reshape(0, 5, 65536, -1)
                .store(e.featureMap(Features.RESHAPE_ACTIVE).role(3, 3)));
        assertEquals(4, AssemblyRules.assemble(devices).slots().size());
        changeAll(e -> reshape(0, 5, 65536, 0).store(e.featureMap(Features.RESHAPE_ACTIVE | Features.JOURNAL)));
        refused(Reason.CORRUPT, "journal");
        changeAll(e -> reshape(0, 6, 65536, -1)
                .store(e.featureMap(Features.RESHAPE_ACTIVE).role(3, 3)));
        refused(Reason.UNSUPPORTED, "level 5 to 6");
        changeAll(e -> reshape(0, 5, 98304, -1)
                .store(e.featureMap(Features.RESHAPE_ACTIVE).role(3, 3)));
        refused(Reason.CORRUPT, "chunk");
        changeAll(e -> reshape(-2, 5, 65536, -1)
                .store(e.featureMap(Features.RESHAPE_ACTIVE).role(3, 3)));
        refused(Reason.CORRUPT, "reshape at array sector");
        changeAll(e -> reshape(0, 5, 65536, Integer.MIN_VALUE)
                .store(e.featureMap(Features.RESHAPE_ACTIVE).role(3, 3)));
        refused(Reason.CORRUPT, "slots");
    }

    private static final int REPLACING = Features.JOURNAL | Features.REPLACEMENT | Features.RECOVERY_OFFSET;

    @Test
    void aReplacementIsKeptBesideTheMember() throws Exception {
        changeAll(e -> e.role(4, 1));
        devices.add(SuperblockDisks.device(
                4, e -> e.role(4, 1).featureMap(REPLACING).recoveryOffsetSectors(4096)));
        Assembly assembly = AssemblyRules.assemble(devices);
        assertEquals(List.of(), assembly.missingSlots());
        assertEquals(
                List.of(new Assembly.RebuildingDevice(devices.get(4), 1, RecoveryPosition.at(4096), true, false)),
                assembly.rebuilding());
    }

    @Test
    void aReplacementWhoseMemberIsMissingHasTheSlot() throws Exception {
        changeAll(e -> e.role(4, 1).role(1, Roles.FAULTY));
        devices.set(1, SuperblockDisks.device(1, e -> e.events(5)));
        devices.add(SuperblockDisks.device(
                4, e -> e.role(4, 1).role(1, Roles.FAULTY).featureMap(REPLACING).recoveryOffsetSectors(4096)));
        assertEquals(List.of(1), AssemblyRules.assemble(devices).missingSlots());
        assertEquals(
                List.of(new Assembly.RebuildingDevice(devices.get(4), 1, RecoveryPosition.at(4096), false, false)),
                AssemblyRules.assemble(devices).rebuilding());
        // It held everything before its feature bit REPLACEMENT was cleared.
        devices.set(
                4,
                SuperblockDisks.device(
                        4,
                        e -> e.role(4, 1).role(1, Roles.FAULTY).featureMap(Features.JOURNAL | Features.REPLACEMENT)));
        assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
    }

    @Test
    void aDeviceThatWasAboutToReplaceAtAPowerCutIsASpare() throws Exception {
        changeAll(e -> e.role(4, 1).events(8));
        devices.add(SuperblockDisks.device(4, e -> e.events(7)));
        assertEquals(
                List.of(new Assembly.Bystander(devices.get(4), Standing.SPARE)),
                AssemblyRules.assemble(devices).others());
        assertEquals(List.of(), AssemblyRules.assemble(devices).rebuilding());
    }

    @Test
    void impossibleSizesAreRefused() throws Exception {
        changeAll(e -> e.chunkSectors(96));
        refused(Reason.CORRUPT, "chunk of 96");
        changeAll(e -> e.chunkSectors(4));
        refused(Reason.CORRUPT, "chunk of 4 ");
        changeAll(e -> e.raidDisks(1));
        refused(Reason.CORRUPT, "1 slots");
        changeAll(e -> e.raidDisks(-5));
        refused(Reason.CORRUPT, "-5 slots");
        changeAll(e -> e.raidDisks(Integer.MAX_VALUE));
        refused(Reason.CORRUPT, "slots");
        changeAll(e -> e.level(6));
        refused(Reason.CORRUPT, "level 6 with 3");
        changeAll(e -> e.usedSectors(64));
        refused(Reason.CORRUPT, "used size");
        changeAll(e -> e.usedSectors(14337));
        refused(Reason.CORRUPT, "room for 14336", "uses 14337");
    }
}
