package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockCodec;
import io.mdfuse.raid.superblock.SuperblockLayout;
import io.mdfuse.raid.superblock.SuperblockLocator;
import io.mdfuse.raid.superblock.foreign.DeviceContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checks before an array is created: nothing is written until all of them have passed. Options that contradict each
 * other are always refused; a device that contains something already is refused unless the user gives {@code --force}.
 */
public final class CreationCheck {
    /**
     * The largest number of members with a journal. md describes a stripe's blocks in one meta block of 4 KiB, with 20
     * bytes for each member.
     */
    public static final int MOST_MEMBERS_WITH_JOURNAL = 203;

    private static final int MOST_MEMBERS_WITH_PPL = 64;

    private static final int LEAST_CHUNK_SECTORS = 8;

    private final CreateOptions options;

    CreationCheck(CreateOptions options) {
        this.options = options;
    }

    /** Refuses options from which no array can be made, or that contradict each other or the devices. */
    void checkOptions(NewDevices devices) throws ArrayRefusedException {
        boolean withJournal = devices.journal() != null;
        int level = options.shape().level();
        int disks = options.shape().raidDisks();
        refuseIf(level < 4 || level > 6, "level " + level + " cannot be created; only 4, 5 and 6 can");
        refuseIf(
                ParityLayout.of(level, options.shape().layout()).isEmpty(),
                "layout " + options.shape().layout() + " is not known at level " + level);
        int least = level == 6 ? 4 : 2;
        refuseIf(disks < least, "level " + level + " needs at least " + least + " members, not " + disks);
        refuseIf(
                level == 6 && disks > ParityLayout.MAX_SLOTS_WITH_Q,
                "level 6 has at most " + ParityLayout.MAX_SLOTS_WITH_Q + " members, not " + disks);
        int most = SuperblockLayout.MAX_DEVICES - 1;
        refuseIf(disks > most, disks + " members are more than a superblock can list (" + most + ")");
        refuseIf(
                withJournal && disks > MOST_MEMBERS_WITH_JOURNAL,
                "an array with a journal has at most " + MOST_MEMBERS_WITH_JOURNAL + " members, not " + disks);
        refuseIf(
                withJournal && options.shape().version() == MetadataVersion.V1_0,
                "md refuses a journal with metadata 1.0; use 1.1 or 1.2");
        checkPolicy(withJournal);
        checkSlots(devices);
        long chunk = options.shape().chunkSectors();
        refuseIf(
                chunk < LEAST_CHUNK_SECTORS || Long.bitCount(chunk) != 1,
                "a chunk of " + chunk * 512 + " bytes is not a power of two of at least 4K");
        refuseIf(
                !SuperblockCodec.isLogicalBlock(options.shape().logicalBlockBytes()),
                "a logical block size of " + options.shape().logicalBlockBytes()
                        + " bytes is not 0 or a power of two from 512 to 4096");
        int nameBytes = options.identity().setName().getBytes(StandardCharsets.UTF_8).length;
        refuseIf(
                nameBytes > SuperblockLayout.NAME_BYTES,
                "the name " + options.identity().setName() + " is longer than " + SuperblockLayout.NAME_BYTES
                        + " bytes");
        byte @Nullable [] uuid = options.identity().setUuid();
        refuseIf(uuid != null && uuid.length != SuperblockLayout.UUID_BYTES, "a UUID has 16 bytes");
    }

    private void checkSlots(NewDevices devices) throws ArrayRefusedException {
        int disks = options.shape().raidDisks();
        int slots = devices.slots().size();
        refuseIf(disks != slots, disks + " members are wanted, but " + slots + " devices were given");
        int missing = devices.missingSlots().size();
        int parities = options.shape().parityDisks();
        refuseIf(
                missing > parities,
                "an array of level " + options.shape().level() + " needs " + (disks - parities) + " of its " + disks
                        + " members, but " + missing + " are missing");
        int numbers = disks + devices.spares().size() + (devices.journal() == null ? 0 : 1);
        refuseIf(
                numbers > SuperblockLayout.MAX_DEVICES,
                numbers + " devices are more than a superblock can list (" + SuperblockLayout.MAX_DEVICES + ")");
    }

    private void checkPolicy(boolean withJournal) throws ArrayRefusedException {
        ConsistencyPolicy policy = options.consistency().policy();
        boolean bitmapOrPpl = policy == ConsistencyPolicy.BITMAP || policy == ConsistencyPolicy.PPL;
        refuseIf(withJournal && bitmapOrPpl, "an array has one consistency policy: a journal or " + policy.mdName());
        refuseIf(
                policy == ConsistencyPolicy.PPL && options.shape().level() != 5,
                "a partial parity log is for level 5, not " + options.shape().level());
        refuseIf(
                policy == ConsistencyPolicy.PPL && options.shape().raidDisks() > MOST_MEMBERS_WITH_PPL,
                "an array with a partial parity log has at most " + MOST_MEMBERS_WITH_PPL + " members");
        long chunk = options.consistency().bitmapChunkBytes();
        refuseIf(
                options.consistency().lockless() && options.shape().version() != MetadataVersion.V1_2,
                "md takes a lockless bitmap with metadata 1.2 only");
        refuseIf(
                options.consistency().lockless() && chunk != 0,
                "the chunk size of a lockless bitmap follows from the size of the members: it can't be given");
        refuseIf(chunk != 0 && policy != ConsistencyPolicy.BITMAP, "a bitmap chunk is given, but no bitmap is wanted");
        refuseIf(
                chunk != 0 && (chunk < 4096 || chunk > 1L << 31 || Long.bitCount(chunk) != 1),
                "a bitmap chunk of " + chunk + " bytes is not a power of two from 4K to 2G");
    }

    /**
     * Refuses a device whose logical block is larger than the size that the superblocks are to record, and, unless
     * {@code --force} is given, a lockless bitmap whose head Linux md would overwrite.
     */
    void checkBlocks(List<BlockDevice> devices) throws ArrayRefusedException {
        if (options.shape().logicalBlockBytes() != 0) {
            for (BlockDevice device : devices) {
                LogicalBlock.requireFits(device, options.shape().logicalBlockBytes());
            }
        }
        if (options.consistency().lockless() && !options.force()) {
            LocklessBlock.check(devices, options.shape().logicalBlockBytes());
        }
    }

    /** Unless {@code --force} is given, refuses a device that contains something already. */
    void checkContent(List<BlockDevice> devices) throws ArrayRefusedException, DeviceException {
        if (!options.force()) {
            for (BlockDevice device : devices) {
                requireBlank(device, "the new array");
            }
        }
    }

    /**
     * Refuses a device that contains an md superblock or anything else that {@link DeviceContent} recognises.
     *
     * @param purpose what the device would be used for, for the message
     * @throws ArrayRefusedException UNSAFE, with what was found
     */
    public static void requireBlank(BlockDevice device, String purpose) throws ArrayRefusedException, DeviceException {
        Optional<String> content = content(device);
        if (content.isPresent()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    device.name() + ": holds " + content.get() + "; to give that up for " + purpose + ", say --force");
        }
    }

    private static Optional<String> content(BlockDevice device) throws DeviceException {
        try {
            Optional<Superblock> superblock = SuperblockLocator.findCertain(device);
            if (superblock.isPresent()) {
                String name = superblock.get().setName();
                String nameNote = name.isEmpty() ? "" : " (" + name + ")";
                return Optional.of(
                        "an md superblock of array " + superblock.get().setUuidText() + nameNote);
            }
        } catch (ArrayRefusedException e) {
            return Optional.of("an md superblock that cannot be used here (" + e.getMessage() + ")");
        }
        return DeviceContent.find(device).map(DeviceContent::name);
    }

    private static void refuseIf(boolean wrong, String message) throws ArrayRefusedException {
        if (wrong) {
            throw new ArrayRefusedException(Reason.UNSUPPORTED, message);
        }
    }
}
