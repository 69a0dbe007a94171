package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens an array whose shape the user gives by hand, read-only. The rest is as for any array: {@link ArrayOpening}. */
public final class AssumedArray {
    private AssumedArray() {}

    /**
     * Opens it.
     *
     * @param bySlot the device of each slot, in order; empty for a slot whose device is missing
     * @throws ArrayRefusedException if the devices don't fit the shape; the message is one line
     */
    public static RaidArray open(
            AssumedShape shape, List<Optional<DeviceSpec>> bySlot, AssembleOptions options, ArrayRuntime runtime)
            throws IOException {
        check(shape, bySlot);
        List<DeviceSpec> specs = bySlot.stream().flatMap(Optional::stream).toList();
        OpenDevices devices = OpenDevices.open(specs, Access.READ_ONLY, options.direct());
        try {
            List<@Nullable BlockDevice> slots = new ArrayList<>();
            int next = 0;
            for (Optional<DeviceSpec> spec : bySlot) {
                slots.add(spec.isPresent() ? devices.list().get(next++) : null);
            }
            return assemble(shape, slots, options, runtime);
        } catch (Throwable e) {
            CloseSteps closing = new CloseSteps(e);
            closing.run(devices::close);
            throw closing.failure();
        }
    }

    private static void check(AssumedShape shape, List<Optional<DeviceSpec>> bySlot) throws ArrayRefusedException {
        if (bySlot.size() != shape.raidDisks()) {
            throw new ArrayRefusedException(
                    Reason.MISSING,
                    "raid-devices=" + shape.raidDisks() + " needs as many devices, in the order of their slots, and "
                            + bySlot.size()
                            + " are given; write the word missing for a slot whose device is not there");
        }
        long missing = bySlot.stream().filter(Optional::isEmpty).count();
        if (missing > shape.layout().parityCount()) {
            throw new ArrayRefusedException(
                    Reason.MISSING,
                    missing + " devices are missing, and level "
                            + shape.layout().level() + " can do without "
                            + shape.layout().parityCount());
        }
    }

    /** Opens an array whose devices are open. If this returns, the array closes the devices. */
    static RaidArray assemble(
            AssumedShape shape,
            List<? extends @Nullable BlockDevice> bySlot,
            AssembleOptions options,
            ArrayRuntime runtime)
            throws IOException {
        if (!options.readOnly()) {
            throw new IllegalArgumentException("an assumed array is never written");
        }
        List<FoundDevice> found = shape.found(bySlot);
        Assembly assembly = AssemblyRules.assemble(found);
        List<BlockDevice> devices = new ArrayList<>();
        bySlot.stream().filter(Objects::nonNull).forEach(devices::add);
        List<String> messages = new ArrayList<>();
        messages.add("the shape is the one given with --assume; what the devices say themselves is not looked at");
        return new ArrayOpening(assembly, options, runtime, devices, null, messages, step -> {}).open(shape.layout());
    }
}
