package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The first two of the {@link AssemblyRules}: all devices belong to one array, and each is there once. They live apart
 * because they need no reference superblock: nothing else in a superblock is used before the device is known to belong
 * to the array.
 */
final class DeviceIdentities {
    /** A crash while superblocks are written leaves devices one event apart. */
    private static final int MIN_EVENTS_BEHIND = 2;

    private DeviceIdentities() {}

    static void requireOneArray(List<FoundDevice> devices) throws ArrayRefusedException {
        FoundDevice majority = devices.getFirst();
        long most = 0;
        for (FoundDevice candidate : devices) {
            if (count(devices, candidate) > most) {
                most = count(devices, candidate);
                majority = candidate;
            }
        }
        for (FoundDevice device : devices) {
            requireSameByteOrder(device, majority);
            if (!sameArray(device, majority)) {
                throw new ArrayRefusedException(
                        Reason.FOREIGN,
                        device.name() + ": belongs to array "
                                + device.superblock().setUuidText() + ", but " + majority.name() + " to "
                                + majority.superblock().setUuidText() + "; leave "
                                + (most > count(devices, device) ? device.name() : "one") + " out and mount again");
            }
        }
    }

    private static long count(List<FoundDevice> devices, FoundDevice ofArray) {
        return devices.stream().filter(device -> sameArray(device, ofArray)).count();
    }

    /** The UUID of metadata 0.90 is stored in the byte order of the machine; md reads only its own machine's order. */
    private static void requireSameByteOrder(FoundDevice device, FoundDevice majority) throws ArrayRefusedException {
        Superblock own = device.superblock();
        boolean sameName = own.setUuidText().equals(majority.superblock().setUuidText());
        if (sameName && own.byteOrder() != majority.superblock().byteOrder()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    device.name() + ": its superblock is in the " + words(own) + " byte order, but that of "
                            + majority.name() + " in the " + words(majority.superblock())
                            + " one, and a running array writes all in one: some were changed later"
                            + " (mdadm --update=byteorder); give those of one order");
        }
    }

    private static String words(Superblock superblock) {
        return superblock.byteOrder() == ByteOrder.BIG_ENDIAN ? "big-endian" : "little-endian";
    }

    private static boolean sameArray(FoundDevice a, FoundDevice b) {
        return Arrays.equals(a.superblock().setUuid(), b.superblock().setUuid());
    }

    /**
     * The devices that another device with the same identity supersedes by at least two events: with metadata 0.90 a
     * failed disk beside its replacement, which has the same number; otherwise an older copy of a disk.
     *
     * @throws ArrayRefusedException DUPLICATE if two devices have the same identity and are less than two events apart:
     *     which of them holds the newest data is not certain
     */
    static List<FoundDevice> superseded(List<FoundDevice> devices) throws ArrayRefusedException {
        List<FoundDevice> older = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            for (int j = 0; j < i; j++) {
                FoundDevice one = devices.get(i);
                FoundDevice other = devices.get(j);
                if (sameDevice(one, other)) {
                    long ahead = one.superblock().events() - other.superblock().events();
                    if (Math.abs(ahead) < MIN_EVENTS_BEHIND) {
                        throw duplicate(one, other, sharedIdentity(one.superblock()));
                    }
                    older.add(ahead > 0 ? other : one);
                }
            }
        }
        return older;
    }

    private static boolean sameDevice(FoundDevice a, FoundDevice b) {
        return Arrays.equals(a.superblock().deviceUuid(), b.superblock().deviceUuid());
    }

    /** In metadata 0.90 the only identity of a device is its number. */
    private static String sharedIdentity(Superblock superblock) {
        return superblock.metadataVersion() == MetadataVersion.V0_90
                ? "both say that they are device number " + superblock.deviceNumber()
                : "have the same device UUID " + superblock.deviceUuidText();
    }

    static ArrayRefusedException duplicate(FoundDevice device, FoundDevice rival, String what) {
        return new ArrayRefusedException(
                Reason.DUPLICATE,
                device.name() + " and " + rival.name() + ": " + what + ", and " + whichIsOlder(device, rival));
    }

    private static String whichIsOlder(FoundDevice device, FoundDevice rival) {
        Superblock own = device.superblock();
        Superblock other = rival.superblock();
        int byEvents = Long.compareUnsigned(own.events(), other.events());
        int age = byEvents != 0 ? byEvents : Long.compare(own.utimeSeconds(), other.utimeSeconds());
        if (age == 0) {
            return "are as old as each other (" + writtenLast(own)
                    + "): if they are copies of each other, leave one out and mount again";
        }
        FoundDevice older = age < 0 ? device : rival;
        FoundDevice newer = age < 0 ? rival : device;
        return older.name() + " is the older one (" + writtenLast(older.superblock()) + "; " + newer.name() + ": "
                + writtenLast(newer.superblock()) + "): leave " + older.name() + " out and mount again";
    }

    private static String writtenLast(Superblock superblock) {
        return "events " + Long.toUnsignedString(superblock.events()) + ", last written "
                + UpdateTimes.text(superblock);
    }
}
