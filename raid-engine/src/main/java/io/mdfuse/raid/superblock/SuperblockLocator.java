package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the superblock of a device. A disk that was used twice may have several: one that an older array left at
 * another version's position, or one that belongs to the data of an array whose superblock is elsewhere.
 *
 * <ol>
 *   <li>All positions are read: those of 1.0, 1.1, 1.2 and 0.90. A position that can't be read is skipped if a valid
 *       superblock is found at another one: a bad sector in the data must not make the disk unusable.
 *   <li>A superblock that {@link SuperblockCodec} or {@link Metadata090} calls corrupt is skipped if a valid one is
 *       found.
 *   <li>A superblock whose data area would extend beyond the end of the device is skipped if another one fits: it may
 *       belong to a member of an array that was created inside this array. If none fits, the device is cut short.
 *   <li>Of the valid ones the one with the newest creation time is taken, as in mdadm. A valid one of an unsupported
 *       kind takes part in the comparison: if it is the newest, the device is refused rather than opened as the member
 *       that it used to be.
 * </ol>
 */
public final class SuperblockLocator {
    /** What was found at one position: a superblock, or the {@code refusal} that says why it can't be used. */
    private record Finding(
            long ctimeSeconds,
            Optional<Superblock> superblock,
            Optional<ArrayRefusedException> refusal,
            boolean cutShort) {
        /** True if it is not corrupt, perhaps unsupported, and its data area fits on the device. */
        boolean isUsable() {
            return !cutShort && isNotCorrupt();
        }

        boolean isNotCorrupt() {
            return refusal.map(ArrayRefusedException::reason).orElse(Reason.UNSUPPORTED) != Reason.CORRUPT;
        }

        /** 2 if it is usable, 1 if it is only too large for the device, 0 if it is corrupt. */
        int rank() {
            return isUsable() ? 2 : isNotCorrupt() ? 1 : 0;
        }
    }

    private SuperblockLocator() {}

    /**
     * The superblock of this device; empty if there is none at any position.
     *
     * @throws DeviceException if a position can't be read and no other has a valid superblock
     * @throws ArrayRefusedException CORRUPT, UNSUPPORTED or UNSAFE: there is a superblock, but it can't be used
     */
    public static Optional<Superblock> find(BlockDevice device) throws DeviceException, ArrayRefusedException {
        return find(device, false);
    }

    /**
     * As {@link #find}, for a caller that will write to the device: every position must be readable, since a position
     * that is not may have the superblock that would be taken.
     */
    public static Optional<Superblock> findCertain(BlockDevice device) throws DeviceException, ArrayRefusedException {
        return find(device, true);
    }

    private static Optional<Superblock> find(BlockDevice device, boolean certain)
            throws DeviceException, ArrayRefusedException {
        List<DeviceException> unreadable = new ArrayList<>();
        Optional<Finding> best = best(findings(device, unreadable));
        if (!unreadable.isEmpty() && (certain || best.isEmpty() || !best.get().isUsable())) {
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
            Superblock superblock = Metadata090.toVersion1(device, Metadata090.check(device, old));
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
