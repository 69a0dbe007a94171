package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The first two of the {@link AssemblyRules}: whether several devices belong to one array, and each is there once. They
 * stand apart because they need no reference: nothing that a device says counts before it is known to belong here.
 */
final class DeviceIdentities {
    private DeviceIdentities() {}

    static void requireOneArray(List<FoundDevice> devices) throws ArrayRefusedException {
        FoundDevice model = devices.getFirst();
        long most = 0;
        for (FoundDevice candidate : devices) {
            long count = devices.stream().filter(d -> sameArray(d, candidate)).count();
            if (count > most) {
                most = count;
                model = candidate;
            }
        }
        for (FoundDevice device : devices) {
            requireSameByteOrder(device, model);
            if (!sameArray(device, model)) {
                throw new ArrayRefusedException(
                        Reason.FOREIGN,
                        device.name() + ": belongs to array "
                                + device.superblock().setUuidText() + ", but " + model.name() + " to "
                                + model.superblock().setUuidText() + "; leave one out");
            }
        }
    }

    /** The identity of metadata 0.90 is stored in the byte order of the machine; md knows one order at a time. */
    private static void requireSameByteOrder(FoundDevice device, FoundDevice model) throws ArrayRefusedException {
        Superblock own = device.superblock();
        boolean sameName = own.setUuidText().equals(model.superblock().setUuidText());
        if (sameName && own.byteOrder() != model.superblock().byteOrder()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    device.name() + ": its superblock is in the " + words(own) + " byte order, but that of "
                            + model.name() + " in the " + words(model.superblock())
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

    static void requireDistinct(List<FoundDevice> devices) throws ArrayRefusedException {
        for (int i = 0; i < devices.size(); i++) {
            for (int j = 0; j < i; j++) {
                byte[] uuid = devices.get(i).superblock().deviceUuid();
                if (Arrays.equals(uuid, devices.get(j).superblock().deviceUuid())) {
                    throw duplicate(
                            devices.get(i),
                            devices.get(j),
                            sameness(devices.get(i).superblock()));
                }
            }
        }
    }

    /** Metadata 0.90 has no identity for a device but its number. */
    private static String sameness(Superblock superblock) {
        return superblock.metadataVersion() == MetadataVersion.V0_90
                ? "both say that they are device number " + superblock.deviceNumber()
                : "have the same device UUID " + superblock.deviceUuidText();
    }

    static ArrayRefusedException duplicate(FoundDevice device, FoundDevice rival, String what) {
        return new ArrayRefusedException(
                Reason.DUPLICATE, device.name() + " and " + rival.name() + ": " + what + "; leave one out");
    }
}
