package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens an array from its devices: finds the superblocks, decides whether the array may be opened, and passes it to
 * {@link ArrayOpening}, or if its level has no parity to {@link CopiesOpening}. If anything is in doubt, the array is
 * refused with one {@link ArrayRefusedException}, or with the {@link IOException} of a device that failed; nothing is
 * written then, and no device stays open.
 */
public final class ArrayAssembler {
    private ArrayAssembler() {}

    /**
     * Opens the array that these image files or device nodes belong to. The array is started when this returns.
     *
     * @param specs all members and the journal, in any order
     * @throws ArrayRefusedException if the array can't be opened with these options; the message is one line
     * @throws IOException if a device failed
     */
    public static RaidArray open(List<DeviceSpec> specs, AssembleOptions options, ArrayRuntime runtime)
            throws IOException {
        Access access = options.readOnly() ? Access.READ_ONLY : Access.READ_WRITE;
        List<DeviceSpec> all = new ArrayList<>(specs);
        if (options.addJournal() != null) {
            all.add(options.addJournal());
        }
        OpenDevices devices = OpenDevices.open(all, access, options.direct());
        try {
            List<BlockDevice> given = devices.list().subList(0, specs.size());
            return assemble(
                    given, options.addJournal() == null ? null : devices.list().getLast(), options, runtime);
        } catch (Throwable e) {
            CloseSteps closing = new CloseSteps(e);
            closing.run(devices::close);
            throw closing.failure();
        }
    }

    /**
     * Opens an array whose devices are open already. If this returns, the array closes the devices; if it throws, the
     * caller closes them.
     *
     * @param journalToAdd the open device of {@link AssembleOptions#addJournal}; null if there is none
     */
    public static RaidArray assemble(
            List<? extends BlockDevice> devices,
            @Nullable BlockDevice journalToAdd,
            AssembleOptions options,
            ArrayRuntime runtime)
            throws IOException {
        return assemble(devices, journalToAdd, options, runtime, step -> {});
    }

    /** @param afterStep is called after each step of {@link ArrayOpening}, so that a test can cut the power there */
    static RaidArray assemble(
            List<? extends BlockDevice> devices,
            @Nullable BlockDevice journalToAdd,
            AssembleOptions options,
            ArrayRuntime runtime,
            Consumer<OpeningStep> afterStep)
            throws IOException {
        if (devices.isEmpty()) {
            throw new ArrayRefusedException(Reason.MISSING, "no devices given");
        }
        if (!options.readOnly()) {
            UnreadableParts.refuseToWrite(devices);
        }
        List<BlockDevice> all = new ArrayList<>();
        devices.forEach(device -> all.add(options.readOnly() ? device : new HeldWritesDevice(device)));
        List<FoundDevice> found = UnusableDevices.find(all, options);
        List<String> messages = new ArrayList<>();
        if (options.ignoreBadBlockLists()) {
            found = ListedBadBlocks.withoutLists(found, options.readOnly(), messages);
        }
        Assembly given = AssemblyRules.assemble(found);
        Optional<CopyLevel> withoutParity = CopyLevel.of(given.reference());
        if (options.stripeOrder() != null && given.reference().level() != 0) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    AssemblyPolicy.nameOf(given.reference())
                            + ": is no RAID-0, so it has no --raid0-layout: leave that out");
        }
        if (withoutParity.isPresent()) {
            return CopiesOpening.open(
                    CopyPolicy.accept(withoutParity.get(), given, options), options, runtime, all, messages);
        }
        AssemblyPolicy policy = new AssemblyPolicy(given, options);
        ParityLayout layout = policy.layout();
        Assembly assembly = options.readOnly() && !options.force()
                ? UpdateTimes.withoutOldImages(given, layout.parityCount())
                : policy.withMembersTakenBack();
        new AssemblyPolicy(assembly, options).check(layout);
        BlockDevice addition = journalToAdd == null ? null : new HeldWritesDevice(journalToAdd);
        if (addition != null) {
            all.add(addition);
        }
        if (ReshapePlan.of(assembly.reference()).isPresent()) {
            return ReshapeOpening.open(assembly, options, runtime, all, messages);
        }
        return new ArrayOpening(assembly, options, runtime, all, addition, messages, afterStep).open(layout);
    }
}
