package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.DeviceList.Entry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.RegionsToCopy;
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
 * Chooses the device that is rebuilt next, and gives a spare its slot: superblocks first, then the members of this
 * process. Guarded by the lock of {@link MemberManager}.
 */
final class SlotFiller {
    private static final Logger LOG = LoggerFactory.getLogger(SlotFiller.class);

    private final ArrayParts parts;
    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final WriteIntent writeIntent;
    private final NewMember newMember;
    private final Set<Member> skipped = new HashSet<>();
    private final Set<Entry> refused = new HashSet<>();

    SlotFiller(ArrayParts parts, WriteParts writeParts, NewMember newMember) {
        this.newMember = newMember;
        this.parts = parts;
        this.members = parts.members();
        this.store = writeParts.store();
        this.devices = writeParts.devices();
        this.writeIntent = writeParts.writeIntent();
    }

    /** Not chosen until {@link #tryAllAgain}: its rebuild has met a stripe that is lost, and would meet it again. */
    void skip(Member target) {
        skipped.add(target);
    }

    /** Members that were skipped and spares that were refused may be chosen again. */
    void tryAllAgain() {
        skipped.clear();
        refused.clear();
    }

    /**
     * The regions that the target of a rebuild has to get: with a lockless bitmap those that were written; those with a
     * bit if it is a former member that comes back by the bitmap. No bit is cleared before the member is in sync.
     *
     * <p>A replacement gets everything: its slot's member goes on to be read, so the replacement must have the same
     * content even if it has no meaning, or parity that is made later would not match it.
     *
     * @return null if all of the target is rebuilt
     */
    @Nullable
    RegionsToCopy regionsToCopy(Member target) throws IOException {
        if (members.replacement(target.slot()) == target) {
            return null;
        }
        RegionsToCopy written = writeIntent.writtenRegions();
        DeviceRole deviceRole = store.state().roleOf(target.deviceNumber());
        return written == null && deviceRole != null && deviceRole.byBitmap() ? writeIntent.marked() : written;
    }

    /** The regions that a former member lacks; null if they are not recorded. */
    @Nullable
    DirtyRegions marked() {
        return writeIntent.marked();
    }

    /**
     * Returns a member that is not in sync, else a spare that has been given a free slot, else a replacement; null if
     * there is nothing to rebuild.
     *
     * @throws IOException if a spare could not be given its slot
     */
    @Nullable
    Member nextTarget() throws IOException {
        for (int slot = 0; slot < members.size(); slot++) {
            Member member = members.member(slot);
            if (member != null && !member.inSync() && !skipped.contains(member)) {
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
            if (replacement != null && !skipped.contains(replacement)) {
                return replacement;
            }
        }
        return null;
    }

    /** Gives the slot to the first spare that is not refused; null if there is none. */
    private @Nullable Member joinSpare(int slot) throws IOException {
        for (Entry spare = spare(); spare != null; spare = spare()) {
            try {
                return join(spare, slot, false);
            } catch (ArrayRefusedException e) {
                LOG.error("the spare can't be used: {}", e.getMessage());
                refused.add(spare);
            }
        }
        return null;
    }

    /** The first spare that is large enough and has not been refused; null if there is none. */
    @Nullable
    Entry spare() {
        long usedSectors = parts.reference().usedSectors();
        for (Entry entry : devices.all()) {
            boolean large = entry.found().roomSectors() >= usedSectors;
            if (large && !refused.contains(entry) && devices.stateOf(entry) == DeviceState.SPARE) {
                return entry;
            }
        }
        return null;
    }

    /**
     * Gives a slot to a spare.
     *
     * @param replacement rebuild the spare beside the slot's member
     */
    Member join(Entry spare, int slot, boolean replacement) throws IOException {
        newMember.requireFittingBlock(spare.device());
        BadBlocks badBlocks = openBadBlockLog(spare.found());
        writeIntent.attach(spare.found());
        store.startRebuild(spare.number(), slot, replacement);
        return makeMember(spare, slot, replacement, badBlocks);
    }

    /** Reads the device's bad-block log, if it has one; from now on the store keeps it up to date. */
    BadBlocks openBadBlockLog(FoundDevice device) throws ArrayRefusedException {
        BadBlockLog badBlockLog = BadBlockLog.of(device).orElse(null);
        if (badBlockLog == null) {
            return BadBlocks.withoutLog();
        }
        store.keepBadBlocks(device.superblock().deviceNumber(), badBlockLog);
        return badBlockLog.badBlocks();
    }

    /** Makes the device a member in this process. Called after the superblocks say that it has the slot. */
    Member makeMember(Entry spare, int slot, boolean replacement, BadBlocks badBlocks) throws IOException {
        long dataOffsetBytes = Sectors.toBytes(spare.found().superblock().dataOffsetSectors());
        Member member =
                Member.of(slot, spare.number(), spare.device(), dataOffsetBytes, badBlocks, RecoveryPosition.none());
        devices.joined(spare, member);
        members.join(member, replacement);
        try {
            // A second time, for bits that were set after the device got the bitmap and before it was a member.
            writeIntent.attach(spare.found());
        } catch (DeviceException e) {
            members.failed(member, e);
        }
        return member;
    }
}
