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
 * Decides whether a device that comes back can be the member that it was, so that only what was written since it left
 * has to be copied to it. That requires all of the following. Every other device is refused, and can be added as a new
 * member:
 *
 * <ol>
 *   <li>Its superblock says that it was in sync in a slot, or was being rebuilt there by the bitmap, and lists no bad
 *       blocks. The superblock has the same position as those of the members, and describes the same array.
 *   <li>The slot and the device number are free.
 *   <li>Its event count is not higher than the array's: otherwise it was written by an array that continued without
 *       this one.
 *   <li>Its event count is not below the bitmap's events_cleared, and its own bitmap is up to date:
 *       {@link WriteIntent#includeFormer}.
 * </ol>
 */
final class FormerMember {
    private final FoundDevice found;
    private final SuperblockStore store;
    private final WriteIntent writeIntent;
    private String obstacle;

    /**
     * Reads the device's superblock. Nothing is written to it.
     *
     * @throws IOException if the superblock can't be read
     */
    FormerMember(BlockDevice device, SuperblockStore store, MemberSet members, WriteIntent writeIntent)
            throws IOException {
        this.found = MemberLocator.requireCertain(device);
        this.store = store;
        this.writeIntent = writeIntent;
        this.obstacle = obstacleOf(found, store, members);
    }

    /** Why the device can't be the member that it was; empty if no obstacle has been found so far. */
    String obstacle() {
        return obstacle;
    }

    /** The slot that the device was a member of. */
    int slot() {
        return found.superblock().ownRole();
    }

    private static String obstacleOf(FoundDevice found, SuperblockStore store, MemberSet members) {
        Superblock own = found.superblock();
        Superblock like = store.anyMember();
        int slot = own.ownRole();
        if (!like.hasFeature(Features.BITMAP)) {
            return "the array has no bitmap that would tell what changed since it left";
        }
        boolean slotFits = Roles.isSlot(slot) && slot < like.raidDisks();
        if (!slotFits || !heldItsSlot(own, slot, like.usedSectors())) {
            return "it was no whole member when it left";
        }
        if (!describesSameArray(found, like)) {
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

    private static boolean heldItsSlot(Superblock own, int slot, long usedSectors) {
        boolean byBitmap = own.hasFeature(Features.RECOVERY_BITMAP);
        boolean holds = own.recoveryPosition(slot, usedSectors).isInSync() || byBitmap;
        return holds && !own.hasFeature(Features.REPLACEMENT | Features.BAD_BLOCKS);
    }

    private static boolean describesSameArray(FoundDevice found, Superblock like) {
        Superblock own = found.superblock();
        int compared = ~Features.PER_DEVICE;
        return own.metadataVersion() == like.metadataVersion()
                && (own.featureMap() & compared) == (like.featureMap() & compared)
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
     * Makes the device a spare that keeps its content, after the bitmap of all members has been made to name what that
     * content lacks.
     *
     * @return null if there is an {@link #obstacle}: nothing has been written to the device then
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
