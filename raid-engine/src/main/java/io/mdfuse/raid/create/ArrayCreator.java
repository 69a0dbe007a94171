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
 * Creates an array from devices.
 *
 * <ol>
 *   <li>Every check of every device ({@link CreationCheck}), and the layout of each device ({@link DeviceSpace}). If a
 *       check fails, nothing is written.
 *   <li>The first, empty block of the journal, flushed, so that no superblock ever refers to a log that does not exist.
 *   <li>The bitmaps or partial parity logs, before their superblocks for the same reason.
 *   <li>Empty bad-block logs and the superblocks. md superblocks of other versions, which are at other positions, are
 *       overwritten with zeros, so that each device has one superblock only.
 *   <li>A flush of all devices.
 * </ol>
 *
 * <p>If a device fails after the checks, some devices have a superblock and the others have none. Such an array can't
 * be opened; the user can create it again with {@code --force}.
 *
 * <p>A slot may start without a device (mdadm: {@code missing}), up to as many slots as the level has parities. If that
 * many are missing, the array has no redundancy that a resync could correct, so it needs none. A RAID-6 with one
 * missing member does have redundancy: its last member becomes a spare, and the rebuild at the first mount makes all
 * parity correct.
 *
 * <p>Parity is correct from the start if no member's data area was ever written: holes of an image file read as zeros,
 * and the parity of zeros is zero. Otherwise the array starts dirty, and the first mount computes all parity. With a
 * lockless bitmap there is no parity to be correct: every chunk counts as never written, and the first write makes it.
 */
public final class ArrayCreator {
    private final CreateOptions options;
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * Prepares a creation.
     *
     * @param clock gives the creation time
     * @param random gives UUIDs and the log's first sequence number; must be a strong generator, because UUIDs must be
     *     unique
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
     * @param allowUnequal true to accept members of very unequal size; see {@link UnequalMembers}
     * @throws ArrayRefusedException if a check failed; nothing was written
     * @throws IOException if a device failed; some devices may have been written
     */
    public CreatedArray create(NewDevices given, boolean allowUnequal) throws IOException {
        CreationCheck check = new CreationCheck(options);
        check.checkOptions(given);
        List<BlockDevice> all = given.all().stream().map(NewDevice::device).toList();
        check.checkBlocks(all);
        check.checkContent(all);
        Map<BlockDevice, DeviceSpace> spaces = spaces(given);
        if (!allowUnequal) {
            UnequalMembers.refuse(given);
        }
        long usedSectors = usedSectors(given, spaces);
        if (given.journal() != null) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(given.journal()));
            NewLog.check(
                    given.journal(),
                    space,
                    options.shape().level(),
                    options.shape().raidDisks());
        }
        boolean parityIsCorrect = options.consistency().assumeClean()
                || options.consistency().lockless()
                || areHoles(given, spaces, usedSectors);
        NewDevices devices = rebuildIsNeeded(given, parityIsCorrect) ? given.withLastMemberAsSpare() : given;
        boolean inSync = parityIsCorrect || !devices.missingSlots().isEmpty();
        NewBitmapOrPpl bitmapOrPpl = new NewBitmapOrPpl(options, memberSpaces(devices, spaces), usedSectors);
        NewSuperblocks superblocks =
                new NewSuperblocks(options, devices.all(), usedSectors, inSync, clock.instant(), random);
        BlockDevice journal = devices.journal();
        long logSectors = 0;
        if (journal != null) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(journal));
            logSectors = NewLog.area(journal, space).sizeSectors();
            NewLog.format(journal, space, superblocks.setUuid(), random);
        }
        writeAll(devices, spaces, bitmapOrPpl, superblocks);
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
     * True for a RAID-6 with unknown parity and one missing member: its remaining redundancy must be made correct,
     * which a resync can't do while a member is missing, but a rebuild can. If as many members are missing as the level
     * has parities, any parity is correct, because it defines the content of the missing members.
     */
    private boolean rebuildIsNeeded(NewDevices devices, boolean parityIsCorrect) {
        int missing = devices.missingSlots().size();
        return !parityIsCorrect && missing > 0 && missing < options.shape().parityDisks();
    }

    private static void writeAll(
            NewDevices devices,
            Map<BlockDevice, DeviceSpace> spaces,
            NewBitmapOrPpl bitmapOrPpl,
            NewSuperblocks superblocks)
            throws IOException {
        for (NewDevice each : devices.all()) {
            DeviceSpace space = Objects.requireNonNull(spaces.get(each.device()));
            Superblock superblock = superblocks.of(each, space);
            if (!each.isJournal()) {
                superblock = bitmapOrPpl.describe(superblock, space);
                bitmapOrPpl.write(each.device(), superblock);
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

    /** The layouts of the members and of the spares, which may become members. */
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
                options.consistency().areaSectors());
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
