package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.DeviceList.Entry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.store.DeviceRole;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which device is rebuilt next, and how a device takes a slot: superblocks first, then the members of this process.
 * Guarded by the lock of {@link MemberManager}.
 */
final class SlotFiller {
    private static final Logger LOG = LoggerFactory.getLogger(SlotFiller.class);

    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final WriteIntent writeIntent;
    private final NewMember newMember;
    private final Set<Member> stuck = new HashSet<>();
    private final Set<Entry> unfit = new HashSet<>();

    SlotFiller(ArrayParts parts, WriteParts writable, NewMember newMember) {
        this.newMember = newMember;
        this.parts = parts;
        this.members = parts.members();
        this.store = writable.store();
        this.devices = writable.devices();
        this.writeIntent = writable.writeIntent();
    }

    /** Not chosen until {@link #tryAllAgain}: its rebuild has met a stripe that is lost, and would meet it again. */
    void skip(Member target) {
        stuck.add(target);
    }

    /** What was stuck or did not fit may be tried once more. */
    void tryAllAgain() {
        stuck.clear();
        unfit.clear();
    }

    /**
     * Of a member that comes back by the bitmap: where that has a bit. None is cleared before the member is in sync.
     */
    @Nullable
    DirtyRegions regionsToCopy(Member target) {
        DeviceRole deviceRole = store.state().roleOf(target.deviceNumber());
        return deviceRole != null && deviceRole.byBitmap() ? writeIntent.marked() : null;
    }

    /**
     * What is not rebuilt yet, else a free slot with a spare in it, else a replacement; null if there is nothing to do.
     */
    @Nullable
    Member nextTarget() throws IOException {
        for (int slot = 0; slot < members.size(); slot++) {
            Member member = members.member(slot);
            if (member != null && !member.inSync() && !stuck.contains(member)) {
                return member;
            }
        }
        for (int slot = 0; slot < members.size(); slot++) {
            Member joined = members.member(slot) == null ? joinSpare(slot) : null;
            if (joined != null) {
                return joined;
            }
        }
        for (int slot = 0; slot < members.size(); slot++) {
            Member replacement = members.replacement(slot);
            if (replacement != null && !stuck.contains(replacement)) {
                return replacement;
            }
        }
        return null;
    }

    /** The first spare that has what the array needs of a member. */
    private @Nullable Member joinSpare(int slot) throws IOException {
        for (Entry spare = spare(); spare != null; spare = spare()) {
            try {
                return join(spare, slot, false);
            } catch (ArrayRefusedException e) {
                LOG.error("the spare can't be used: {}", e.getMessage());
                unfit.add(spare);
            }
        }
        return null;
    }

    /** A spare that is large enough and was not refused yet; null if there is none. */
    @Nullable
    Entry spare() {
        long usedSectors = parts.reference().usedSectors();
        for (Entry entry : devices.all()) {
            boolean large = entry.found().roomSectors() >= usedSectors;
            if (large && !unfit.contains(entry) && devices.stateOf(entry) == DeviceState.SPARE) {
                return entry;
            }
        }
        return null;
    }

    /** Moves a spare into a slot, or beside its member. */
    Member join(Entry spare, int slot, boolean replacement) throws IOException {
        newMember.requireFittingBlock(spare.device());
        BadBlocks badBlocks = openBadBlockLog(spare.found());
        writeIntent.attach(spare.found());
        store.startRebuild(spare.number(), slot, replacement);
        return makeMember(spare, slot, replacement, badBlocks);
    }

    /** From here on the device's bad-block log is kept, if it has one. */
    BadBlocks openBadBlockLog(FoundDevice device) throws ArrayRefusedException {
        BadBlockLog badBlockLog = BadBlockLog.of(device).orElse(null);
        if (badBlockLog == null) {
            return BadBlocks.withoutLog();
        }
        store.keepBadBlocks(device.superblock().deviceNumber(), badBlockLog);
        return badBlockLog.badBlocks();
    }

    /** The superblocks say that the device has the slot: so does this process from here on. */
    Member makeMember(Entry spare, int slot, boolean replacement, BadBlocks badBlocks) throws IOException {
        long dataOffsetBytes = Sectors.toBytes(spare.found().superblock().dataOffsetSectors());
        Member member =
                Member.of(slot, spare.number(), spare.device(), dataOffsetBytes, badBlocks, RecoveryPosition.none());
        devices.joined(spare, member);
        members.join(member, replacement);
        try {
            // Once more: bits that were set after it got the bitmap, and before it was a member, did not reach it.
            writeIntent.attach(spare.found());
        } catch (DeviceException e) {
            members.failed(member, e);
        }
        return member;
    }
}
