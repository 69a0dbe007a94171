package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.Assembly.Standing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which members are taken back by force, in which order, and which can't be: each rule of {@link ForcedReturn}. */
final class ForcedReturnTest {
    private final List<FoundDevice> devices = new ArrayList<>();

    /** A RAID-5 of five without a journal; numbers from 5 on are other devices. */
    private void add(int number, long events, Consumer<SuperblockEditor> change) throws DeviceException {
        devices.add(SuperblockDisks.device(number, e -> {
            e.featureMap(0).raidDisks(5).events(events);
            for (int slot = 0; slot < 5; slot++) {
                e.role(slot, slot);
            }
            change.accept(e);
        }));
    }

    /** Three devices that continued at event 23 without those of slots 3 and 4. */
    private void survivors() throws DeviceException {
        for (int number = 0; number < 3; number++) {
            add(number, 23, e -> e.role(3, Roles.FAULTY).role(4, Roles.SPARE));
        }
    }

    private List<Integer> takenBack(int mayLack) throws ArrayRefusedException {
        return ForcedReturn.takeBack(AssemblyRules.assemble(devices), mayLack).takenBack().stream()
                .map(Assembly.TakenBack::slot)
                .toList();
    }

    @Test
    void theFreshestMemberComesBackAndNoMoreThanNeeded() throws Exception {
        survivors();
        add(3, 5, e -> {});
        add(4, 22, e -> {});
        for (int turn = 0; turn < devices.size(); turn++) {
            Collections.rotate(devices, 1);
            assertEquals(List.of(4), takenBack(1));
            assertEquals(List.of(4, 3), takenBack(0));
            assertEquals(List.of(), takenBack(2));
        }
        Assembly forced = ForcedReturn.takeBack(AssemblyRules.assemble(devices), 1);
        assertEquals(List.of(3), forced.missingSlots());
        FoundDevice back = Objects.requireNonNull(forced.slots().get(4));
        assertEquals("disk4", back.name());
        assertEquals(22, back.superblock().events());
        assertEquals(4, back.superblock().ownRole());
        assertEquals(Roles.FAULTY, back.superblock().role(3));
        assertEquals(Standing.REMOVED, forced.takenBack().getFirst().standing());
        assertEquals(Standing.FAULTY, forced.others().getFirst().standing());
        assertSame(AssemblyRules.assemble(devices).reference(), forced.reference());
    }

    @Test
    void aStaleMemberComesBackToo() throws Exception {
        for (int number = 0; number < 3; number++) {
            add(number, 23, e -> {});
        }
        add(3, 20, e -> {});
        add(4, 21, e -> {});
        assertEquals(List.of(4), takenBack(1));
        assertEquals(
                Standing.STALE,
                ForcedReturn.takeBack(AssemblyRules.assemble(devices), 1)
                        .takenBack()
                        .getFirst()
                        .standing());
    }

    @Test
    void membersThatLeftTogetherDuringWritesComeBackTogether() throws Exception {
        survivors();
        add(3, 22, e -> {});
        add(4, 22, e -> {});
        assertEquals(List.of(3), takenBack(1));
        devices.subList(3, 5).clear();
        add(3, 22, e -> e.resyncOffsetSectors(0));
        add(4, 22, e -> e.resyncOffsetSectors(0));
        assertEquals(List.of(3, 4), takenBack(1));
        assertEquals(List.of(), takenBack(2));
    }

    @Test
    void incompleteMembersCantComeBack() throws Exception {
        survivors();
        add(3, 22, e -> e.featureMap(Features.RECOVERY_OFFSET).recoveryOffsetSectors(4096));
        add(4, 22, e -> e.featureMap(Features.REPLACEMENT));
        add(5, 900, e -> {});
        assertEquals(List.of(), takenBack(1));
    }

    @Test
    void aMemberThatDescribesTheArrayDifferentlyCantComeBack() throws Exception {
        survivors();
        add(3, 22, e -> e.chunkSectors(256));
        add(4, 22, e -> e.usedSectors(4096));
        assertEquals(List.of(), takenBack(1));
    }

    @Test
    void aSlotThatIsBeingRebuiltIsNotGivenBack() throws Exception {
        for (int number = 0; number < 3; number++) {
            add(number, 23, e -> e.role(3, Roles.FAULTY).role(4, Roles.FAULTY).role(6, 3));
        }
        add(
                6,
                23,
                e -> e.role(3, Roles.FAULTY)
                        .role(4, Roles.FAULTY)
                        .role(6, 3)
                        .featureMap(Features.RECOVERY_OFFSET)
                        .recoveryOffsetSectors(4096));
        add(3, 22, e -> {});
        assertEquals(List.of(), takenBack(1));
        add(4, 12, e -> {});
        assertEquals(List.of(4), takenBack(1));
    }

    @Test
    void ofTwoMembersOfOneSlotTheFresherComesBack() throws Exception {
        for (int number = 0; number < 3; number++) {
            add(number, 23, e -> e.role(3, Roles.FAULTY).role(4, Roles.FAULTY).role(6, Roles.FAULTY));
        }
        add(3, 11, e -> {});
        add(6, 22, e -> e.role(3, Roles.FAULTY).role(6, 3));
        assertEquals(List.of(3), takenBack(1));
        assertEquals(
                "disk6",
                ForcedReturn.takeBack(AssemblyRules.assemble(devices), 1)
                        .takenBack()
                        .getFirst()
                        .device()
                        .name());
    }

    /** As after mdadm --assemble --force: the table of one device is corrected, the others are not written. */
    @Test
    void aTableThatMdadmCorrectedIsUsedInAnyOrder() throws Exception {
        add(0, 8, e -> e.role(3, Roles.FAULTY));
        add(1, 8, e -> e.role(3, Roles.FAULTY));
        add(2, 8, e -> {});
        add(3, 7, e -> {});
        add(4, 8, e -> e.role(3, Roles.FAULTY));
        for (int turn = 0; turn < 5; turn++) {
            Collections.rotate(devices, 1);
            assertEquals(List.of(), AssemblyRules.assemble(devices).missingSlots());
        }
    }
}
