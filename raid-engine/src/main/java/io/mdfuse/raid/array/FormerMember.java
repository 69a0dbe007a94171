package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockWriter;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a device that comes back can go on as the member that it was, so that only what was written since it left has
 * to be copied. It can where all of this holds; everything else is refused, and can be added as a new member:
 *
 * <ol>
 *   <li>By its own word it was a whole member of a slot, or on its way back into it by the bitmap, with no bad blocks.
 *       Its superblock lies and describes the array as the others' do.
 *   <li>The slot and its device number are free.
 *   <li>It is not ahead of the array: that would be an array that went on without this one.
 *   <li>Its events are not behind the bitmap's events_cleared, and its own bitmap can be believed: see
 *       {@link WriteIntent#takeUp}.
 * </ol>
 */
final class FormerMember {
    private final FoundDevice found;
    private final SuperblockStore store;
    private final WriteIntent writeIntent;
    private String obstacle;

    /** Looks at the device. Nothing is written to it. */
    FormerMember(BlockDevice device, SuperblockStore store, MemberSet members, WriteIntent writeIntent)
            throws IOException {
        this.found = MemberLocator.requireCertain(device);
        this.store = store;
        this.writeIntent = writeIntent;
        this.obstacle = judge(found, store, members);
    }

    /** Why it can't go on as the member that it was; empty if it can, as far as is known. */
    String obstacle() {
        return obstacle;
    }

    /** The slot that it was a member of. */
    int slot() {
        return found.superblock().ownRole();
    }

    private static String judge(FoundDevice found, SuperblockStore store, MemberSet members) {
        Superblock own = found.superblock();
        Superblock like = store.anyMember();
        int slot = own.ownRole();
        if (!like.hasFeature(Features.BITMAP)) {
            return "the array has no bitmap that would tell what changed since it left";
        }
        boolean slotFits = Roles.isSlot(slot) && slot < like.raidDisks();
        if (!slotFits || !isWhole(own, slot, like.usedSectors())) {
            return "it was no whole member when it left";
        }
        if (!describesTheSame(found, like)) {
            return "its superblock describes the array in another way";
        }
        if (members.member(slot) != null) {
            return "slot " + slot + " has another member by now";
        }
        if (store.state().roleOf(own.deviceNumber()) != null) {
            return "its device number is another's by now";
        }
        boolean ahead = Long.compareUnsigned(own.events(), store.events()) > 0;
        return ahead ? "it was written after it had left" : "";
    }

    private static boolean isWhole(Superblock own, int slot, long usedSectors) {
        boolean byBitmap = own.hasFeature(Features.RECOVERY_BITMAP);
        boolean holds = own.recoveryPosition(slot, usedSectors).isInSync() || byBitmap;
        return holds && !own.hasFeature(Features.REPLACEMENT | Features.BAD_BLOCKS);
    }

    private static boolean describesTheSame(FoundDevice found, Superblock like) {
        Superblock own = found.superblock();
        int alike = ~Features.PER_DEVICE;
        return own.metadataVersion() == like.metadataVersion()
                && (own.featureMap() & alike) == (like.featureMap() & alike)
                && own.level() == like.level()
                && own.layout() == like.layout()
                && own.chunkSectors() == like.chunkSectors()
                && own.raidDisks() == like.raidDisks()
                && own.usedSectors() == like.usedSectors()
                && own.maxDev() == like.maxDev()
                && own.deviceNumber() >= 0
                && own.deviceNumber() < own.maxDev()
                && found.roomSectors() >= like.usedSectors();
    }

    /**
     * Makes it a spare that holds its old content, once the bitmap of all members names what that content lacks; null
     * where the bitmap can't tell, which {@link #obstacle} says then.
     */
    @Nullable
    FoundDevice becomeSpare() throws IOException {
        if (!obstacle.isEmpty()) {
            return null;
        }
        FoundDevice spare = new FoundDevice(found.device(), asSpare(found.superblock()));
        try {
            writeIntent.includeFormer(found);
        } catch (ArrayRefusedException e) {
            obstacle = String.valueOf(e.getMessage());
            return null;
        }
        writeIntent.attach(spare);
        SuperblockWriter.rewrite(spare);
        store.addSpare(spare);
        return spare;
    }

    private Superblock asSpare(Superblock own) {
        Superblock like = store.anyMember();
        return own.edit(editor -> {
            for (int number = 0; number < own.maxDev(); number++) {
                editor.role(number, like.role(number) | (like.hasDiskError(number) ? Roles.DISK_ERROR : 0));
            }
            editor.role(own.deviceNumber(), Roles.SPARE);
            editor.featureMap(store.state().features() & ~Features.PER_DEVICE);
            editor.events(store.events()).recoveryOffsetSectors(0);
            editor.logicalBlockBytes(like.logicalBlockBytes());
        });
    }
}
