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
 *   <li>It is checked: blank, or a former member of this very array, or forced; and large enough. It is divided as the
 *       other members are, so that what lies beside their superblocks has its place here too.
 *   <li>A superblock that calls it a spare, flushed. A crash leaves the array as it was, and perhaps one spare more.
 *   <li>All superblocks know of it. A crash in the middle leaves some that do, which is the same.
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

    /** True where the device says that it was part of this array; false where it can't be told. */
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

    /** Adds the device; nothing is written to it where it is refused. */
    FoundDevice addAsSpare(BlockDevice device, boolean force) throws IOException {
        if (!force && !isFormer(device)) {
            CreationCheck.requireBlank(device, "the array");
        }
        requireFittingBlock(device);
        Superblock like = store.anyMember();
        MetadataVersion version = like.metadataVersion();
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        long superSector = version.superSector(deviceSectors);
        // Metadata 1.0 lies behind the data, so there the room between the two is what is kept alike.
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
