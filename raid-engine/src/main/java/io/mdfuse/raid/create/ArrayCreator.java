package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.create.NewDevices.NewDevice;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockWriter;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * <p>A slot may start without a device (mdadm's word {@code missing}), as many as the level has parities. An array that
 * lacks that many has nothing to resync. A RAID-6 that lacks one has; its last member becomes a spare then, whose
 * rebuild at the first mount makes all redundancy right.
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

    /** Creates an array in which every slot has a device; see {@link #create(NewDevices, boolean)}. */
    public CreatedArray create(List<BlockDevice> members, @Nullable BlockDevice journal) throws IOException {
        return create(NewDevices.complete(members, journal), true);
    }

    /**
     * Creates the array.
     *
     * @param unequal members of very unequal size are meant: see {@link UnequalMembers}
     * @throws ArrayRefusedException if nothing was written; the message says why
     * @throws IOException if a device failed on the way
     */
    public CreatedArray create(NewDevices wanted, boolean unequal) throws IOException {
        CreationCheck check = new CreationCheck(options);
        check.checkWishes(wanted);
        List<BlockDevice> all = wanted.all().stream().map(NewDevice::device).toList();
        check.checkBlocks(all);
        check.checkContent(all);
        Map<BlockDevice, DeviceSpace> spaces = spaces(wanted);
        if (!unequal) {
            UnequalMembers.refuse(wanted);
        }
        long usedSectors = usedSectors(wanted, spaces);
        if (wanted.journal() != null) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(wanted.journal()));
            NewLog.check(
                    wanted.journal(),
                    space,
                    options.shape().level(),
                    options.shape().raidDisks());
        }
        boolean parityIsRight = options.consistency().assumeClean() || areHoles(wanted, spaces, usedSectors);
        NewDevices devices = rebuildIsNeeded(wanted, parityIsRight) ? wanted.withLastMemberAsSpare() : wanted;
        boolean inSync = parityIsRight || !devices.missingSlots().isEmpty();
        SideAreas sideAreas = new SideAreas(options, memberSpaces(devices, spaces), usedSectors);
        NewSuperblocks superblocks =
                new NewSuperblocks(options, devices.all(), usedSectors, inSync, clock.instant(), random);
        BlockDevice journal = devices.journal();
        long logSectors = 0;
        if (journal != null) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(journal));
            logSectors = NewLog.area(journal, space).sizeSectors();
            NewLog.format(journal, space, superblocks.setUuid(), random);
        }
        writeAll(devices, spaces, sideAreas, superblocks);
        return new CreatedArray(
                superblocks.setUuidText(),
                usedSectors,
                geometry(usedSectors).arraySectors(),
                logSectors,
                !inSync,
                devices.missingSlots(),
                devices.spares().size());
    }

    /**
     * A RAID-6 that lacks one member has redundancy left that must be made right, and no resync can do that. With as
     * many missing members as the level has parities there is nothing to make right: what is missing is defined by what
     * is there.
     */
    private boolean rebuildIsNeeded(NewDevices devices, boolean parityIsRight) {
        int missing = devices.missingSlots().size();
        return !parityIsRight && missing > 0 && missing < options.shape().parityDisks();
    }

    private static void writeAll(
            NewDevices devices, Map<BlockDevice, DeviceSpace> spaces, SideAreas sideAreas, NewSuperblocks superblocks)
            throws IOException {
        for (NewDevice each : devices.all()) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(each.device()));
            Superblock superblock = superblocks.of(each, space);
            if (!each.isJournal()) {
                superblock = sideAreas.describe(superblock, space);
                sideAreas.write(each.device(), superblock);
            }
            SuperblockWriter.writeFirst(each.device(), superblock);
        }
        for (NewDevice each : devices.all()) {
            each.device().flush();
        }
    }

    private Map<BlockDevice, DeviceSpace> spaces(NewDevices devices) throws ArrayRefusedException {
        Map<BlockDevice, DeviceSpace> spaces = new HashMap<>();
        for (NewDevice each : devices.all()) {
            spaces.put(
                    each.device(),
                    space(each.device(), each.isJournal() ? 0 : options.shape().chunkSectors()));
        }
        return spaces;
    }

    /** Those of the members and of the spares, which may become members. */
    private static List<DeviceSpace> memberSpaces(NewDevices devices, Map<BlockDevice, DeviceSpace> spaces) {
        return devices.all().stream()
                .filter(each -> !each.isJournal())
                .map(each -> Objects.requireNonNull(spaces.get(each.device())))
                .toList();
    }

    private DeviceSpace space(BlockDevice device, int chunkSectors) throws ArrayRefusedException {
        DeviceSpace space = DeviceSpace.of(
                options.shape().version(),
                Sectors.floorFromBytes(device.sizeBytes()),
                chunkSectors,
                options.consistency().policy() == ConsistencyPolicy.PPL);
        if (space.superSector() < 0 || space.dataSizeSectors() < Math.max(chunkSectors, Sectors.PER_BLOCK)) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    device.name() + ": is too small with " + device.sizeBytes()
                            + " bytes; metadata and data area leave no room for one chunk");
        }
        return space;
    }

    private long usedSectors(NewDevices devices, Map<BlockDevice, DeviceSpace> spaces) {
        long smallest = memberSpaces(devices, spaces).stream()
                .mapToLong(DeviceSpace::dataSizeSectors)
                .min()
                .orElse(0);
        return Sectors.roundDown(smallest, options.shape().chunkSectors());
    }

    private static boolean areHoles(NewDevices devices, Map<BlockDevice, DeviceSpace> spaces, long usedSectors)
            throws DeviceException {
        for (NewDevice each : devices.all()) {
            long offsetSectors =
                    Objects.requireNonNull(spaces.get(each.device())).dataOffsetSectors();
            boolean hole = !Roles.isSlot(each.role())
                    || (each.device() instanceof FileDevice file
                            && file.isHole(Sectors.toBytes(offsetSectors), Sectors.toBytes(usedSectors)));
            if (!hole) {
                return false;
            }
        }
        return true;
    }

    private ArrayGeometry geometry(long usedSectors) {
        ParityLayout layout = ParityLayout.of(
                        options.shape().level(), options.shape().layout())
                .orElseThrow();
        return new ArrayGeometry(
                layout, options.shape().raidDisks(), options.shape().chunkSectors(), usedSectors);
    }
}
