package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CopyOnWriteDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.FailureRecord;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.ReshapeState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes the members of an array that is being opened, from the devices that {@link Assembly} has sorted. Touches no
 * device. In a read-only array each member is wrapped in a {@link CopyOnWriteDevice}, so that the replay of a journal
 * is kept in memory.
 */
final class MemberSetup {
    private final Assembly assembly;
    private final ListedBadBlocks listed;
    private final boolean readOnly;

    private final boolean afterReshape;

    MemberSetup(Assembly assembly, ListedBadBlocks listed, boolean readOnly) {
        this(assembly, listed, readOnly, false);
    }

    /** @param afterReshape true for members whose data begins where it is to begin after a reshape in progress */
    MemberSetup(Assembly assembly, ListedBadBlocks listed, boolean readOnly, boolean afterReshape) {
        this.assembly = assembly;
        this.listed = listed;
        this.readOnly = readOnly;
        this.afterReshape = afterReshape;
    }

    /**
     * Makes the members of all slots that the geometry has, also those that are being rebuilt, and the replacements
     * beside them.
     */
    MemberSet members(ArrayGeometry geometry, FailureRecord failureRecord, Executor workers) {
        List<@Nullable Member> slots = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            FoundDevice found = assembly.slots().get(slot);
            slots.add(found == null ? null : member(slot, found, RecoveryPosition.inSync()));
        }
        List<Assembly.RebuildingDevice> allRebuilding = assembly.rebuilding().stream()
                .filter(rebuilding -> rebuilding.slot() < geometry.raidDisks())
                .toList();
        for (Assembly.RebuildingDevice rebuilding : allRebuilding) {
            if (!rebuilding.replacement()) {
                slots.set(rebuilding.slot(), member(rebuilding.slot(), rebuilding.device(), rebuilding.recovery()));
            }
        }
        MemberSet members = new MemberSet(slots, geometry.layout().parityCount(), failureRecord, workers);
        for (Assembly.RebuildingDevice rebuilding : allRebuilding) {
            if (rebuilding.replacement()) {
                members.join(member(rebuilding.slot(), rebuilding.device(), rebuilding.recovery()), true);
            }
        }
        return members;
    }

    private Member member(int slot, FoundDevice found, RecoveryPosition recovery) {
        BlockDevice full = new ShortDevices(assembly).full(found);
        BlockDevice device = readOnly ? new CopyOnWriteDevice(full) : full;
        int number = found.superblock().deviceNumber();
        long moved = afterReshape
                ? ReshapeState.of(found.superblock())
                        .map(ReshapeState::newOffsetSectors)
                        .orElse(0)
                : 0;
        long dataOffsetBytes = Sectors.toBytes(found.superblock().dataOffsetSectors() + moved);
        BadBlocks badBlocks = listed.of(found);
        Member member = Member.of(slot, number, device, dataOffsetBytes, badBlocks, recovery);
        if (full != found.device()) {
            member.refuseRewrites();
        }
        return member;
    }
}
