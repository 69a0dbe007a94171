package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.create.CreationCheck;
import io.mdfuse.raid.create.JoiningSuperblock;
import io.mdfuse.raid.create.LogicalBlock;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import io.mdfuse.raid.superblock.SuperblockWriter;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes a device a spare of an open array.
 *
 * <ol>
 *   <li>The device is checked: it must be large enough, and blank, or a former member of this array, unless the user
 *       forces it. Its data starts at the same sector as that of the other members, so that their bitmap, bad-block log
 *       or partial parity log has its place on this device too.
 *   <li>It gets a superblock that calls it a spare, flushed. A crash after this step leaves the array as it was, and
 *       perhaps one more spare.
 *   <li>All superblocks know the spare. A crash within this step leaves some that do not, which is the same.
 * </ol>
 */
final class NewMember {
    private final SuperblockStore store;
    private final DeviceList devices;
    private final RandomGenerator random;

    NewMember(SuperblockStore store, DeviceList devices, RandomGenerator random) {
        this.store = store;
        this.devices = devices;
        this.random = random;
    }

    /**
     * Whether the device's superblock says that it was part of this array. False if the superblock is damaged, and for
     * a device that is in the array now.
     */
    boolean isFormer(BlockDevice device) throws IOException {
        try {
            Optional<Superblock> own = SuperblockLocator.findCertain(device);
            return own.isPresent()
                    && Arrays.equals(own.get().setUuid(), store.anyMember().setUuid())
                    && devices.all().stream()
                            .noneMatch(entry -> Arrays.equals(
                                    entry.found().superblock().deviceUuid(),
                                    own.get().deviceUuid()));
        } catch (ArrayRefusedException e) {
            return false;
        }
    }

    /** Refuses a device whose own logical block is larger than the array's. */
    void requireFittingBlock(BlockDevice device) throws ArrayRefusedException {
        List<BlockDevice> members = devices.all().stream()
                .filter(entry -> entry.member() != null && !entry.member().isFaulty())
                .map(DeviceList.Entry::device)
                .toList();
        LogicalBlock.requireFits(device, LogicalBlock.ofArray(store.anyMember(), members));
    }

    /**
     * Adds the device.
     *
     * @param force overwrite what the device contains
     * @throws ArrayRefusedException if the device is refused: nothing has been written to it
     */
    FoundDevice addAsSpare(BlockDevice device, boolean force) throws IOException {
        if (!force && !isFormer(device)) {
            CreationCheck.requireBlank(device, "the array");
        }
        requireFittingBlock(device);
        Superblock like = store.anyMember();
        MetadataVersion version = like.metadataVersion();
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        long superSector = version.superSector(deviceSectors);
        // Metadata 1.0 is behind the data, so the space between the two is as large as on the other members.
        long endOfData = version == MetadataVersion.V1_0
                ? superSector - (like.superOffsetSectors() - like.dataOffsetSectors() - like.dataSizeSectors())
                : deviceSectors;
        long dataSectors = endOfData - like.dataOffsetSectors();
        if (superSector < 0 || dataSectors < like.usedSectors()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": is too small: it has room for " + Math.max(0, dataSectors)
                            + " sectors of data, and the array uses " + like.usedSectors() + " of each member");
        }
        int number = JoiningSuperblock.requireNumber(store, device);
        Superblock superblock = JoiningSuperblock.of(
                like,
                store,
                number,
                random,
                editor -> editor.data(like.dataOffsetSectors(), dataSectors).superOffsetSectors(superSector));
        FoundDevice found = new FoundDevice(device, superblock);
        SuperblockWriter.writeFirst(device, superblock);
        device.flush();
        store.addSpare(found);
        devices.add(found);
        return found;
    }
}
