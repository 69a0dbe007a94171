package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the superblock of a device. A disk that was used twice may carry several: one that an older array left
 * at another version's place, or one that only looks like ours because it lies in the data of an array whose
 * superblock is elsewhere.
 *
 * <ol>
 *   <li>All places are read: 1.0, 1.1, 1.2 and that of metadata 0.90. One that can't be read is passed over as long as
 *       a sound superblock is found at another: a bad sector in the data must not cost the disk.
 *   <li>Where {@link SuperblockCodec} or {@link Metadata090} calls one corrupt, it is passed over as long as a sound
 *       one is found.
 *   <li>One whose data would end behind the device's end is passed over too, as long as another fits: it may lie in the
 *       data of a member that an array was made on. If none fits, the device is cut short.
 *   <li>Of the sound ones the newest creation time wins, as in mdadm. A sound one that we don't support takes
 *       part: where it is the newest, the device is refused rather than opened as what it used to be.
 * </ol>
 */
public final class SuperblockLocator {
    /** Something that was found; {@code refusal} says why it cannot be used, and then there is no superblock. */
    private record Finding(
            long ctimeSeconds,
            Optional<Superblock> superblock,
            Optional<ArrayRefusedException> refusal,
            boolean cutShort) {
        /** True if it may be believed, and describes a device of this size. */
        boolean sound() {
            return !cutShort && believed();
        }

        boolean believed() {
            return refusal.map(ArrayRefusedException::reason).orElse(Reason.UNSUPPORTED) != Reason.CORRUPT;
        }

        int rank() {
            return sound() ? 2 : believed() ? 1 : 0;
        }
    }

    private SuperblockLocator() {}

    /**
     * The superblock of this device, or empty where there is none at all.
     *
     * @throws DeviceException where a place can't be read and no other has a sound one
     * @throws ArrayRefusedException CORRUPT or UNSUPPORTED: there is one, but not one to work with
     */
    public static Optional<Superblock> find(BlockDevice device) throws DeviceException, ArrayRefusedException {
        return find(device, false);
    }

    /**
     * As {@link #find}, for whoever is to write to the device because of what is found: every place has to be readable,
     * since the one that is not may hold the superblock that counts.
     */
    public static Optional<Superblock> findCertain(BlockDevice device) throws DeviceException, ArrayRefusedException {
        return find(device, true);
    }

    private static Optional<Superblock> find(BlockDevice device, boolean certain)
            throws DeviceException, ArrayRefusedException {
        List<DeviceException> unreadable = new ArrayList<>();
        Optional<Finding> best = best(findings(device, unreadable));
        if (!unreadable.isEmpty() && (certain || best.isEmpty() || !best.get().sound())) {
            throw unreadable.getFirst();
        }
        if (best.isPresent() && best.get().refusal().isPresent()) {
            throw best.get().refusal().get();
        }
        return best.flatMap(Finding::superblock);
    }

    private static List<Finding> findings(BlockDevice device, List<DeviceException> unreadable) throws DeviceException {
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        List<Finding> findings = new ArrayList<>();
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            long sector = version.superSector(deviceSectors);
            if (sector >= 0) {
                try {
                    byte[] bytes = DevicePage.read(device, sector, SuperblockLayout.READ_BYTES);
                    if (SuperblockCodec.hasMagic(bytes)) {
                        findings.add(check(device, version, deviceSectors, bytes));
                    }
                } catch (DeviceException e) {
                    unreadable.add(e);
                }
            }
        }
        Metadata090.Raw old = null;
        try {
            old = Metadata090.read(device);
        } catch (DeviceException e) {
            unreadable.add(e);
        }
        if (old != null) {
            findings.add(check(device, old));
        }
        return findings;
    }

    private static Finding check(BlockDevice device, MetadataVersion version, long deviceSectors, byte[] bytes) {
        long ctime = new Superblock(version, bytes).ctimeSeconds();
        try {
            Superblock superblock = SuperblockCodec.decode(device.name(), version, deviceSectors, bytes);
            boolean cutShort = new FoundDevice(device, superblock).isShort();
            return new Finding(ctime, Optional.of(superblock), Optional.empty(), cutShort);
        } catch (ArrayRefusedException e) {
            return new Finding(ctime, Optional.empty(), Optional.of(e), false);
        }
    }

    private static Finding check(BlockDevice device, Metadata090.Raw old) throws DeviceException {
        try {
            Superblock superblock = Metadata090.inVersion1(device, Metadata090.check(device, old));
            return new Finding(old.ctimeSeconds(), Optional.of(superblock), Optional.empty(), false);
        } catch (ArrayRefusedException e) {
            return new Finding(old.ctimeSeconds(), Optional.empty(), Optional.of(e), false);
        }
    }

    private static Optional<Finding> best(List<Finding> findings) {
        Optional<Finding> best = Optional.empty();
        for (Finding finding : findings) {
            boolean better = best.isEmpty()
                    || finding.rank() > best.get().rank()
                    || (finding.rank() == best.get().rank()
                            && finding.ctimeSeconds() > best.get().ctimeSeconds());
            if (better) {
                best = Optional.of(finding);
            }
        }
        return best;
    }
}
