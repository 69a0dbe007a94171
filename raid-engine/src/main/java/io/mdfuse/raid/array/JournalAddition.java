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
 * Makes a blank device the journal of an array that has none.
 *
 * <ol>
 *   <li>The device is checked: blank, unless the user forces it, and large enough.
 *   <li>An empty log, and a superblock that calls the device a spare of this array, flushed. A crash leaves an array
 *       without a journal, and one spare more.
 *   <li>All superblocks say that the array has a journal, and which. A crash in the middle leaves some that do: the
 *       freshest counts, and the device is one event behind it at most.
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

    /** What was added, and where its log starts. */
    record Added(FoundDevice journal, LogPosition start) {}

    /** Refuses a device that can't become the journal; nothing is written. */
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
