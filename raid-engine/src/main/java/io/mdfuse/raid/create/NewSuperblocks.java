package io.mdfuse.raid.create;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.create.NewDevices.NewDevice;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MdUuid;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import io.mdfuse.raid.superblock.SuperblockLayout;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The superblocks of an array that is being created. This class decides nothing: {@link ArrayCreator} and {@link
 * DeviceSpace} do, and this class writes their decisions into superblocks.
 */
final class NewSuperblocks {
    private final CreateOptions options;
    private final long usedSectors;
    private final boolean inSync;
    private final List<NewDevice> devices;
    private final Instant now;
    private final RandomGenerator random;
    private final byte[] setUuid;

    NewSuperblocks(
            CreateOptions options,
            List<NewDevice> devices,
            long usedSectors,
            boolean inSync,
            Instant now,
            RandomGenerator random) {
        this.options = options;
        this.usedSectors = usedSectors;
        this.inSync = inSync;
        this.devices = List.copyOf(devices);
        this.now = now;
        this.random = random;
        byte[] wanted = options.identity().setUuid();
        this.setUuid = wanted == null ? randomUuid() : wanted.clone();
    }

    byte[] setUuid() {
        return setUuid.clone();
    }

    String setUuidText() {
        return MdUuid.format(setUuid);
    }

    /** The superblock of one of the devices, with a random device UUID. */
    Superblock of(NewDevice device, DeviceSpace space) {
        SuperblockEditor editor = SuperblockEditor.blank(options.shape().version(), maxDev());
        boolean withJournal = devices.stream().anyMatch(NewDevice::isJournal);
        editor.featureMap(withJournal ? Features.JOURNAL : 0)
                .setUuid(setUuid)
                .setName(options.identity().setName());
        editor.ctimeSeconds(now.getEpochSecond()).utimeSeconds(now.getEpochSecond());
        editor.level(options.shape().level())
                .layout(options.shape().layout())
                .raidDisks(options.shape().raidDisks());
        editor.usedSectors(usedSectors).chunkSectors(options.shape().chunkSectors());
        editor.logicalBlockBytes(options.shape().logicalBlockBytes());
        editor.data(space.dataOffsetSectors(), space.dataSizeSectors()).superOffsetSectors(space.superSector());
        editor.badBlockLog(0, DeviceSpace.BAD_BLOCK_LOG_SECTORS, space.badBlockLogOffsetSectors());
        editor.deviceNumber(device.number()).deviceUuid(randomUuid());
        ResyncOffset parity = inSync ? ResyncOffset.inSync() : ResyncOffset.dirty();
        editor.events(1).resyncOffsetSectors(parity.storedSectors());
        devices.forEach(each -> editor.role(each.number(), each.role()));
        return Superblock.of(editor);
    }

    /**
     * The length of the role table, by mdadm's rule: the table ends at the end of a sector, which makes room for at
     * least 128 devices.
     */
    private int maxDev() {
        int numbers = devices.stream().mapToInt(NewDevice::number).max().orElse(0) + 1;
        int counted = Math.max(numbers, options.shape().raidDisks() + 1);
        long bytes = Sectors.roundUp(SuperblockLayout.DEV_ROLES + 2L * counted, Sectors.BYTES);
        return (int) (bytes - SuperblockLayout.DEV_ROLES) / 2;
    }

    private byte[] randomUuid() {
        byte[] uuid = new byte[SuperblockLayout.UUID_BYTES];
        random.nextBytes(uuid);
        return uuid;
    }
}
