package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopyReader;
import io.mdfuse.raid.copies.CopyShape;
import io.mdfuse.raid.copies.CopySource;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.stripe.VolumeReader;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Opens an array without parity, read-only: RAID-0, RAID-1, RAID-10 and linear. Nothing is written, and nothing runs in
 * the background. docs/architecture/copies.md has the rules.
 *
 * <p>All steps run on the thread that opens the array. If one of them throws, the caller closes the devices.
 */
final class CopiesOpening {
    private static final int WRITE_MOSTLY = 1;

    private final CopyPolicy.Accepted accepted;
    private final Assembly assembly;
    private final UnreadableSectors unreadable;
    private final List<String> lines = new ArrayList<>();
    private final List<@Nullable CopySource> sources;

    private record CopiesReadSide(VolumeReader volumeReader, LongAdder requestsServed) implements ReadSide {
        @Override
        public void close() {}
    }

    private CopiesOpening(CopyPolicy.Accepted accepted) {
        this.accepted = accepted;
        this.assembly = accepted.assembly();
        this.unreadable = new UnreadableSectors(new ShortDevices(assembly));
        this.sources = new ArrayList<>(assembly.slots().stream()
                .<@Nullable CopySource>map(slot -> null)
                .toList());
    }

    /**
     * Opens it.
     *
     * @param devices all devices that are open for the array; the array closes them
     * @param messages lines for the user from the steps before
     * @throws ArrayRefusedException if what is on the devices is not enough
     */
    static RaidArray open(
            CopyPolicy.Accepted accepted,
            AssembleOptions options,
            ArrayRuntime runtime,
            List<BlockDevice> devices,
            List<String> messages)
            throws ArrayRefusedException {
        CopiesOpening opening = new CopiesOpening(accepted);
        opening.lines.addAll(messages);
        opening.report(options);
        opening.makeSources();
        OpenArray open = new OpenArray(
                accepted.assembly().reference(),
                runtime,
                new CopyOnWriteArrayList<>(devices),
                List.copyOf(opening.lines),
                new ArrayEvents());
        VolumeReader reader = new CopyReader(accepted.layout(), opening.sources);
        return new RaidArray(
                open,
                new CopiesReadSide(reader, new LongAdder()),
                new RefusedWrites(),
                new CopiesStatus(accepted, opening.sources));
    }

    private void report(AssembleOptions options) throws ArrayRefusedException {
        List<String> report = StartReport.of(assembly, options);
        lines.addAll(report);
        lines.addAll(ShortDevices.check(assembly, true));
        lines.addAll(SynologyFlags.diskErrors(assembly));
        reportOrder(options.stripeOrder());
        CopyLevel level = accepted.level();
        if (level.keepsCopies()) {
            if (!assembly.reference().resyncOffset().isInSync()) {
                lines.add("the array was not stopped cleanly, or its first resync was not through: its members may"
                        + " differ where they were being written, which is not noticed; a read gets the copy in the"
                        + " lowest slot, as in md");
            }
            new Redundancy(accepted.failuresLeft(), true, true, true)
                    .line(!report.isEmpty())
                    .ifPresent(lines::add);
        }
    }

    private void reportOrder(@Nullable StripeOrder chosen) {
        boolean used = accepted.layout().mdName().equals(chosen == null ? "" : chosen.mdName());
        if (used && accepted.level() == CopyLevel.RAID0) {
            String stored = CopyShape.storedOrder(assembly.reference())
                    .map(order -> "the superblocks say " + order.mdName())
                    .orElse("the superblocks do not say it");
            lines.add("the layout is the one given with --raid0-layout; " + stored);
        }
    }

    private void makeSources() throws ArrayRefusedException {
        for (int slot = 0; slot < sources.size(); slot++) {
            FoundDevice member = assembly.slots().get(slot);
            if (member != null) {
                sources.set(slot, source(slot, member, RecoveryPosition.inSync()));
            }
        }
        for (RebuildingDevice rebuilding : assembly.rebuilding()) {
            if (!rebuilding.replacement()) {
                sources.set(rebuilding.slot(), source(rebuilding.slot(), rebuilding.device(), rebuilding.recovery()));
            }
        }
    }

    private CopySource source(int slot, FoundDevice found, RecoveryPosition recovery) throws ArrayRefusedException {
        BadBlocks bad = badBlocks(found);
        Member member = Member.of(
                slot,
                found.superblock().deviceNumber(),
                new ShortDevices(assembly).full(found),
                Sectors.toBytes(found.superblock().dataOffsetSectors()),
                bad,
                recovery);
        if (!bad.isEmpty()) {
            lines.add(found.name() + ": " + bad.sectors() + " sectors are "
                    + (unreadable.isIn(found) ? "missing, not read or " : "") + "listed as bad; "
                    + (accepted.level().keepsCopies()
                            ? "another copy of them is read if a member has one"
                            : "reads of them fail"));
        }
        unreadable.outside(found).ifPresent(lines::add);
        boolean takenBack = assembly.takenBack().stream().anyMatch(taken -> taken.slot() == slot);
        boolean writeMostly = (found.superblock().deviceFlags() & WRITE_MOSTLY) != 0;
        return new CopySource(member, takenBack || writeMostly);
    }

    private BadBlocks badBlocks(FoundDevice found) throws ArrayRefusedException {
        Optional<BadBlockLog> log = BadBlockLog.of(found);
        BadBlocks listed = log.map(BadBlockLog::badBlocks).orElseGet(BadBlocks::withoutLog);
        return unreadable.isIn(found) ? unreadable.with(found, listed) : listed;
    }
}
