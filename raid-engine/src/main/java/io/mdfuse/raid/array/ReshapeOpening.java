package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.ReshapeState;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Opens an array of which a reshape is in progress, read-only. Each device is a member of two shapes: in the old one
 * its data begins at data_offset, in the new one new_offset further on. Nothing is moved and nothing is written. An
 * array with a reshape has no journal and no partial parity log, so nothing is replayed.
 */
final class ReshapeOpening {
    private final Assembly assembly;
    private final AssembleOptions options;
    private final ArrayRuntime runtime;
    private final ReshapePlan plan;
    private final FailureRelay failures;

    private ReshapeOpening(
            Assembly assembly, AssembleOptions options, ArrayRuntime runtime, ReshapePlan plan, ArrayEvents events) {
        this.assembly = assembly;
        this.options = options;
        this.runtime = runtime;
        this.plan = plan;
        this.failures = new FailureRelay(events);
    }

    /**
     * Opens it. The policy has accepted the members.
     *
     * @param devices all devices that are open for the array; the array closes them
     * @param messages lines for the user from the steps before
     * @throws ArrayRefusedException if what is on the devices is not enough
     */
    static RaidArray open(
            Assembly assembly,
            AssembleOptions options,
            ArrayRuntime runtime,
            List<BlockDevice> devices,
            List<String> messages)
            throws ArrayRefusedException {
        ReshapePlan plan = ReshapePlan.of(assembly.reference()).orElseThrow();
        ArrayEvents events = new ArrayEvents();
        ReshapeOpening opening = new ReshapeOpening(assembly, options, runtime, plan, events);
        List<String> lines = new ArrayList<>(messages);
        lines.addAll(StartReport.of(assembly, options));
        lines.addAll(ShortDevices.check(assembly, true));
        lines.addAll(SynologyFlags.messages(assembly));
        lines.add("a reshape is in progress: " + plan.words() + ", " + plan.percent()
                + " % done; it is shown as it is, and " + opening.whatMdCanDo());
        opening.checkBackup(lines);
        ArrayGeometry wider = plan.before().raidDisks() > plan.after().raidDisks() ? plan.before() : plan.after();
        ListedBadBlocks listed = new ListedBadBlocks(wider, assembly, options.withForce(false));
        ArrayStripes before = opening.stripes(plan.before(), new MemberSetup(assembly, listed, true, false));
        ArrayStripes after = opening.stripes(plan.after(), new MemberSetup(assembly, listed, true, true));
        ArrayParts parts = new ArrayParts(
                assembly.reference(),
                after,
                runtime,
                new CopyOnWriteArrayList<>(devices),
                List.copyOf(lines),
                events,
                plan);
        return ArrayComposition.reshaped(parts, plan, before, assembly);
    }

    private ArrayStripes stripes(ArrayGeometry shape, MemberSetup setup) {
        MemberSet members = setup.members(shape, failures, runtime.workers());
        boolean trusted = !assembly.missingSlots().isEmpty()
                || assembly.reference().resyncOffset().isInSync();
        return new ArrayStripes(
                shape,
                members,
                new StripeLocks(),
                new SyncPosition(trusted ? ResyncOffset.inSync() : ResyncOffset.dirty()));
    }

    /** Linux {@code raid5_run} does not start an array whose superblocks name another level during a reshape. */
    private String whatMdCanDo() {
        int level = assembly.reference().level();
        int newLevel = ReshapeState.of(assembly.reference())
                .map(ReshapeState::newLevel)
                .orElse(level);
        return newLevel == level
                ? "md can complete it later"
                : "md does not start this array any more (seen with Linux 7.3): the superblocks already name level "
                        + newLevel + ", which is to follow the reshape; copy the content from here";
    }

    /**
     * A reshape that writes over what it reads needs mdadm's backup: the rows after the position may be half
     * overwritten, and nothing on the members says so.
     */
    private void checkBackup(List<String> lines) throws ArrayRefusedException {
        long movedDown = devices()
                .map(device -> ReshapeState.of(device.superblock())
                        .map(ReshapeState::newOffsetSectors)
                        .orElse(0))
                .mapToLong(newOffset -> -(long) newOffset)
                .min()
                .orElse(0);
        if (!plan.needsBackup(movedDown)) {
            addLagOfPosition(lines);
            return;
        }
        String found = "it writes over its own source, so mdadm kept a backup file, and the rows at its position ("
                + plan.positionSectors() / 2 + " KiB) may be on the members in part only";
        if (!options.force()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    "a reshape is in progress (" + plan.words() + "), and " + found
                            + "; let md complete it (mdadm --assemble --backup-file=FILE), or look at the array"
                            + " with --read-only --force, which takes these rows as they are");
        }
        lines.add(found + ": they are taken as they are");
    }

    /**
     * While the number of data disks stays and the data moves, md does not hold the reshape back until the position is
     * recorded, unless the array was assembled again since it began (Linux sets min_offset_diff in raid5_run alone): it
     * records the position every 10 s. What it wrote beyond may lie over rows that it would copy again. That is so
     * before the first recorded position too.
     */
    private void addLagOfPosition(List<String> lines) {
        if (plan.before().dataDisks() == plan.after().dataDisks() && plan.uses(false)) {
            lines.add("md records the position of such a reshape every 10 seconds only, so what follows it ("
                    + plan.positionSectors() / 2 + " KiB) may be overwritten for as long as md went on, and md itself"
                    + " would read the same: compare the files that lie there");
        }
    }

    private Stream<FoundDevice> devices() {
        return Stream.concat(
                assembly.slots().stream().filter(Objects::nonNull),
                assembly.rebuilding().stream().map(Assembly.RebuildingDevice::device));
    }
}
