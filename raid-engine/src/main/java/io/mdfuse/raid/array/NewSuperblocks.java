package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MdUuid;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import io.mdfuse.raid.superblock.SuperblockLayout;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * The superblocks of an array that is being created. Members are numbered by their slot, and the journal follows
 * them. It lives apart from {@link ArrayCreator} because it decides nothing: it writes down what was decided.
 */
final class NewSuperblocks {
    private final CreateOptions options;
    private final long usedSectors;
    private final boolean inSync;
    private final boolean withJournal;
    private final Instant now;
    private final RandomGenerator random;
    private final byte[] setUuid;

    NewSuperblocks(
            CreateOptions options,
            long usedSectors,
            boolean inSync,
            boolean withJournal,
            Instant now,
            RandomGenerator random) {
        this.options = options;
        this.usedSectors = usedSectors;
        this.inSync = inSync;
        this.withJournal = withJournal;
        this.now = now;
        this.random = random;
        byte[] wanted = options.setUuid();
        this.setUuid = wanted == null ? randomUuid() : wanted.clone();
    }

    byte[] setUuid() {
        return setUuid.clone();
    }

    String setUuidText() {
        return MdUuid.format(setUuid);
    }

    /** The superblock of one device: its slot, or the number of members for the journal. */
    Superblock of(int number, DeviceSpace space) {
        int members = options.raidDisks();
        SuperblockEditor editor = SuperblockEditor.blank(options.version(), maxDev(members));
        editor.featureMap(withJournal ? Features.JOURNAL : 0).setUuid(setUuid).setName(options.setName());
        editor.ctimeSeconds(now.getEpochSecond()).utimeSeconds(now.getEpochSecond());
        editor.level(options.level()).layout(options.layout()).raidDisks(members);
        editor.usedSectors(usedSectors).chunkSectors(options.chunkSectors());
        editor.data(space.dataOffsetSectors(), space.dataSizeSectors()).superOffsetSectors(space.superSector());
        editor.badBlockLog(0, DeviceSpace.BAD_BLOCK_LOG_SECTORS, space.badBlockLogOffsetSectors());
        editor.deviceNumber(number).deviceUuid(randomUuid());
        editor.events(1).resyncOffsetSectors(inSync ? Superblock.IN_SYNC : 0);
        for (int slot = 0; slot < members; slot++) {
            editor.role(slot, slot);
        }
        if (withJournal) {
            editor.role(members, Roles.JOURNAL);
        }
        return editor.finish();
    }

    /** mdadm's rule: the table ends where a sector does, and at least 128 devices fit. */
    private static int maxDev(int members) {
        long bytes = Sectors.roundUp(SuperblockLayout.DEV_ROLES + 2L * (members + 1), Sectors.BYTES);
        return (int) (bytes - SuperblockLayout.DEV_ROLES) / 2;
    }

    private byte[] randomUuid() {
        byte[] uuid = new byte[SuperblockLayout.UUID_BYTES];
        random.nextBytes(uuid);
        return uuid;
    }
}
