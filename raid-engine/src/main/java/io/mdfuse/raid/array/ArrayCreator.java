package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockWriter;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes an array of devices that have nothing to do with each other yet.
 *
 * <ol>
 *   <li>Every check on every device ({@link CreationCheck}), and the division of each ({@link DeviceSpace}).
 *   <li>The journal's first, empty block, flushed: a superblock never points at a log that is not there.
 *   <li>The bitmaps or partial parity logs, for the same reason.
 *   <li>The bad-block logs, empty, and the superblocks; older md superblocks at other places are wiped, so that no
 *       device carries two.
 *   <li>A flush of all devices.
 * </ol>
 *
 * <p>Where it fails on the way, some devices carry a superblock and the rest do not: such an array cannot be opened,
 * and the devices can be used again by creating it anew with force.
 *
 * <p>Parity is right from the start where every member's data area was never written (holes read as zeros, and the
 * parity of zeros is zero). Otherwise the array starts dirty and its first mount computes all parity.
 */
public final class ArrayCreator {
    private final CreateOptions options;
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * Prepares a creation.
     *
     * @param clock for the time of creation
     * @param random for identities and the log's first sequence number; a strong one, since an identity must be unique
     */
    public ArrayCreator(CreateOptions options, InstantSource clock, RandomGenerator random) {
        this.options = options;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Creates the array.
     *
     * @param members in slot order
     * @param journal the device of the write journal, null for none
     * @throws ArrayRefusedException where nothing was written; the message says why
     * @throws IOException where a device failed on the way
     */
    public CreatedArray create(List<BlockDevice> members, @Nullable BlockDevice journal) throws IOException {
        CreationCheck check = new CreationCheck(options);
        check.checkWishes(members.size(), journal != null);
        List<BlockDevice> all = new ArrayList<>(members);
        if (journal != null) {
            all.add(journal);
        }
        check.checkContent(all);
        List<DeviceSpace> spaces = new ArrayList<>();
        for (BlockDevice device : all) {
            spaces.add(space(device, device == journal ? 0 : options.chunkSectors()));
        }
        long usedSectors = usedSectors(members, spaces);
        if (journal != null) {
            NewLog.check(journal, spaces.getLast(), options.level(), options.raidDisks());
        }
        SideAreas sideAreas = new SideAreas(options, spaces.subList(0, members.size()), usedSectors);
        boolean inSync = options.assumeClean() || areHoles(members, spaces, usedSectors);

        NewSuperblocks superblocks =
                new NewSuperblocks(options, usedSectors, inSync, journal != null, clock.instant(), random);
        long logSectors = 0;
        if (journal != null) {
            logSectors = NewLog.area(journal, spaces.getLast()).sizeSectors();
            NewLog.format(journal, spaces.getLast(), superblocks.setUuid(), random);
        }
        for (int number = 0; number < all.size(); number++) {
            Superblock superblock = superblocks.of(number, spaces.get(number));
            if (number < members.size()) {
                superblock = sideAreas.describe(superblock, spaces.get(number));
                sideAreas.write(all.get(number), superblock);
            }
            SuperblockWriter.writeFirst(all.get(number), superblock);
        }
        for (BlockDevice device : all) {
            device.flush();
        }
        return new CreatedArray(
                superblocks.setUuidText(),
                options.setName(),
                usedSectors,
                geometry(usedSectors).arraySectors(),
                logSectors,
                !inSync);
    }

    private DeviceSpace space(BlockDevice device, int chunkSectors) throws ArrayRefusedException {
        DeviceSpace space = DeviceSpace.of(
                options.version(),
                Sectors.floorFromBytes(device.sizeBytes()),
                chunkSectors,
                options.policy() == ConsistencyPolicy.PPL);
        if (space.superSector() < 0 || space.dataSizeSectors() < Math.max(chunkSectors, Sectors.PER_BLOCK)) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": is too small with " + device.sizeBytes()
                            + " bytes; metadata and data area leave no room for one chunk");
        }
        return space;
    }

    private long usedSectors(List<BlockDevice> members, List<DeviceSpace> spaces) {
        long smallest = Long.MAX_VALUE;
        for (int slot = 0; slot < members.size(); slot++) {
            smallest = Math.min(smallest, spaces.get(slot).dataSizeSectors());
        }
        return Sectors.roundDown(smallest, options.chunkSectors());
    }

    private static boolean areHoles(List<BlockDevice> members, List<DeviceSpace> spaces, long usedSectors)
            throws DeviceException {
        for (int slot = 0; slot < members.size(); slot++) {
            long offsetBytes = Sectors.toBytes(spaces.get(slot).dataOffsetSectors());
            boolean hole = members.get(slot) instanceof FileDevice file
                    && file.isHole(offsetBytes, Sectors.toBytes(usedSectors));
            if (!hole) {
                return false;
            }
        }
        return true;
    }

    private ArrayGeometry geometry(long usedSectors) {
        ParityLayout layout = ParityLayout.of(options.level(), options.layout()).orElseThrow();
        return new ArrayGeometry(layout, options.raidDisks(), options.chunkSectors(), usedSectors);
    }
}
