package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the superblocks of the given devices. If a device has none, a damaged one, one in a hole of a rescued image, or
 * a partition table instead, the array is refused, because the user may have meant another device. If the other
 * devices are enough to open the array, the refusal says so.
 */
final class UnusableDevices {
    private UnusableDevices() {}

    /**
     * The devices with their superblocks.
     *
     * @throws ArrayRefusedException if a device can't be used: the reason of the first such device, and the advice
     */
    static List<FoundDevice> find(List<BlockDevice> devices, AssembleOptions options) throws IOException {
        List<FoundDevice> found = new ArrayList<>();
        List<String> unusable = new ArrayList<>();
        ArrayRefusedException first = null;
        for (BlockDevice device : devices) {
            try {
                found.add(options.readOnly() ? MemberLocator.requireForReading(device) : MemberLocator.require(device));
            } catch (ArrayRefusedException e) {
                unusable.add(device.name());
                first = first == null ? e : first;
            } catch (DeviceException e) {
                if (device.unreadable().isEmpty()) {
                    throw e;
                }
                unusable.add(device.name());
                String hole = e.getMessage() + ", and its superblock would be there";
                first = first == null ? new ArrayRefusedException(Reason.CORRUPT, hole) : first;
            }
        }
        if (first == null) {
            return found;
        }
        String advice = found.isEmpty() ? "" : advice(found, String.join(" and ", unusable), options);
        throw new ArrayRefusedException(first.reason(), first.getMessage() + advice);
    }

    private static String advice(List<FoundDevice> others, String names, AssembleOptions options) {
        if (suffice(others, options)) {
            return "; the other devices are enough: leave " + names + " out and mount again";
        }
        boolean withRun = suffice(others, options.withRun(true));
        return withRun ? "; the other devices are enough: leave " + names + " out and mount again with --run" : "";
    }

    private static boolean suffice(List<FoundDevice> devices, AssembleOptions options) {
        try {
            Assembly given = AssemblyRules.assemble(devices);
            Optional<CopyLevel> withoutParity = CopyLevel.of(given.reference());
            if (withoutParity.isPresent()) {
                CopyPolicy.accept(withoutParity.get(), given, options);
                return true;
            }
            AssemblyPolicy policy = new AssemblyPolicy(given, options);
            new AssemblyPolicy(policy.withMembersTakenBack(), options).check(policy.layout());
            return true;
        } catch (ArrayRefusedException e) {
            return false;
        }
    }
}
