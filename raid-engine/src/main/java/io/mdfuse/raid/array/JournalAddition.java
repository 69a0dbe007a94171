package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.create.CreationCheck;
import io.mdfuse.raid.create.DeviceSpace;
import io.mdfuse.raid.create.JoiningSuperblock;
import io.mdfuse.raid.create.LogicalBlock;
import io.mdfuse.raid.create.NewLog;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockWriter;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Makes a blank device the journal of an array without one.
 *
 * <ol>
 *   <li>The device is checked: it must be large enough, and blank unless the user gives {@code --force}.
 *   <li>An empty log is written, and a superblock that describes the device as a spare of this array; both are flushed.
 *       A crash leaves an array without a journal and with one more spare.
 *   <li>All superblocks record that the array has a journal, and which device it is. A crash leaves some superblocks
 *       that do: the freshest one counts, and the new device is at most one event behind it.
 * </ol>
 */
final class JournalAddition {
    private final Superblock reference;
    private final SuperblockStore store;
    private final RandomGenerator random;
    private final int arrayBlockBytes;

    JournalAddition(Assembly assembly, SuperblockStore store, RandomGenerator random) {
        this.reference = assembly.reference();
        this.store = store;
        this.random = random;
        List<BlockDevice> members = assembly.slots().stream()
                .filter(Objects::nonNull)
                .map(FoundDevice::device)
                .toList();
        this.arrayBlockBytes = LogicalBlock.ofArray(reference, members);
    }

    /** The new journal, and where its log starts. */
    record Added(FoundDevice journal, LogPosition start) {}

    /**
     * Checks the device; nothing is written.
     *
     * @param force true to accept a device that contains something already
     * @return the layout of the device
     */
    DeviceSpace check(BlockDevice device, boolean force) throws IOException {
        LogicalBlock.requireFits(device, arrayBlockBytes);
        if (!force) {
            CreationCheck.requireBlank(device, "a journal");
        }
        DeviceSpace space = DeviceSpace.of(reference.metadataVersion(), Sectors.floorFromBytes(device.sizeBytes()), 0);
        NewLog.check(device, space, reference.level(), reference.raidDisks());
        JoiningSuperblock.requireNumber(store, device);
        return space;
    }

    /** Writes the log and the superblock of the device, and then records the journal in all superblocks. */
    Added add(BlockDevice device, DeviceSpace space) throws IOException {
        LogPosition start = NewLog.format(device, space, reference.setUuid(), random);
        int number = JoiningSuperblock.requireNumber(store, device);
        Superblock superblock = JoiningSuperblock.of(reference, store, number, random, editor -> {
            editor.featureMap(store.state().features() | Features.JOURNAL);
            editor.data(space.dataOffsetSectors(), space.dataSizeSectors());
            editor.superOffsetSectors(space.superSector());
            editor.badBlockLog(0, DeviceSpace.BAD_BLOCK_LOG_SECTORS, space.badBlockLogOffsetSectors());
        });
        SuperblockWriter.writeFirst(device, superblock);
        device.flush();
        FoundDevice journal = new FoundDevice(device, superblock);
        store.addJournal(journal);
        return new Added(journal, start);
    }
}
