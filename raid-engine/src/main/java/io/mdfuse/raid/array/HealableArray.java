package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.event.RecoveryProgress;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.JournalRecovery;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * An array of which lost blocks may be solved for good. Accepted by the rules for writing (not those for looking), and
 * only if nothing has to be recovered first:
 *
 * <pre>
 *   refused if                                            because
 *   its level has no parity                               it is only read
 *   a reshape is in progress                              a slot has no one place
 *   its journal holds writes that the members lack        the members' parity is older than the journal
 *   it was not stopped cleanly, and no bitmap is current  any parity may be wrong
 *   a slot lacks its member, and parity may be wrong      as for writing
 * </pre>
 *
 * With a current bitmap the regions in doubt are left alone. Opening it writes nothing.
 *
 * @param devices as they were given, each with its superblock
 * @param locks of which one lease covers everything while holes are filled
 */
record HealableArray(
        ArrayGeometry geometry,
        Assembly assembly,
        List<FoundDevice> devices,
        MemberSet members,
        StripeLocks locks,
        SyncPosition syncPosition) {
    static HealableArray of(List<BlockDevice> devices, AssembleOptions options) throws IOException {
        AssembleOptions reading = options.withReadOnly(true);
        List<FoundDevice> found = UnusableDevices.find(devices, reading);
        Assembly assembly = AssemblyRules.assemble(found);
        AssemblyPolicy policy = new AssemblyPolicy(assembly, options.withReadOnly(false));
        requireParity(policy, assembly.reference());
        ParityLayout layout = policy.layout();
        policy.checkToHeal(layout);
        Superblock reference = assembly.reference();
        ArrayGeometry geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        ListedBadBlocks listed = new ListedBadBlocks(geometry, assembly, reading);
        MemberSet members = new MemberSetup(assembly, listed, true)
                .members(geometry, new FailureRelay(new ArrayEvents()), Runnable::run);
        StripeLocks locks = new StripeLocks();
        try (StripeLocks.Lease lease = locks.lockAll()) {
            JournalRecovery.Recovered recovered = new LogStart(
                            assembly, reading, new ArrayList<>(), RecoveryProgress.NONE)
                    .replay(geometry, members, lease, RandomGenerator.getDefault());
            if (recovered != null && !recovered.messages().isEmpty()) {
                throw refusal(policy, "its journal holds writes that the members lack");
            }
        }
        FoundBitmap bitmap = FoundBitmap.find(assembly).orElse(null);
        if (reference.resyncOffset().isDirty() && (bitmap == null || !bitmap.current())) {
            throw refusal(policy, "it was not stopped cleanly, so its parity may be wrong");
        }
        FoundBitmap used = bitmap != null && reference.resyncOffset().isInSync() ? bitmap.ofStoppedArray() : bitmap;
        SyncPosition position = ResyncStart.position(assembly, members, used, false, false, new ArrayList<>());
        return new HealableArray(geometry, assembly, found, members, locks, position);
    }

    private static void requireParity(AssemblyPolicy policy, Superblock reference) throws ArrayRefusedException {
        Optional<CopyLevel> withoutParity = CopyLevel.of(reference);
        if (withoutParity.isPresent()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    policy.array() + ": level " + withoutParity.get().mdName()
                            + " has no parity that holes could be filled from: mount with --read-only instead of"
                            + " --heal");
        }
    }

    private static ArrayRefusedException refusal(AssemblyPolicy policy, String why) {
        return new ArrayRefusedException(
                Reason.UNSAFE,
                policy.array() + ": " + why
                        + ", and nothing is healed from that: mount with --read-only, which solves what can be solved"
                        + " at each read");
    }

    /** The holes in what the array stores on a member in sync, counted from the start of its data. */
    ByteRanges holes(FoundDevice member) {
        return new ShortDevices(assembly)
                .full(member)
                .unreadable()
                .within(
                        Sectors.toBytes(member.superblock().dataOffsetSectors()),
                        Sectors.toBytes(geometry.memberSectors()));
    }

    /** The slot of a member in sync; -1 for any other device. */
    int slot(FoundDevice device) {
        return assembly.slots().indexOf(device);
    }
}
