package io.mdfuse.raid.stripe;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.member.Transfers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The old blocks of some slots that are read to make the parity of a run: from all members at the same time, if their
 * transfers wait for servers. What a member can't give is then read by {@link StripeReader}, one slot after
 * the other, which solves and heals it.
 *
 * <p>Used by one thread.
 */
final class OldBlocks {
    private record Wanted(int slot, MemorySegment target) {}

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeReader stripeReader;
    private final RunWrite run;
    private final List<Wanted> wanted;

    OldBlocks(ArrayGeometry geometry, MemberSet members, StripeReader stripeReader, RunWrite run) {
        this.geometry = geometry;
        this.members = members;
        this.stripeReader = stripeReader;
        this.run = run;
        this.wanted = new ArrayList<>(geometry.raidDisks());
    }

    /** Wants the blocks of a slot; {@code target} has room for one block of each stripe of the run. */
    void add(int slot, MemorySegment target) {
        wanted.add(new Wanted(slot, target));
    }

    /**
     * Reads all of them.
     *
     * @param lease covers the run's stripes
     * @throws IOException if a block can neither be read nor be solved
     */
    void read(StripeLocks.Lease lease) throws IOException {
        lease.require(run.stripes());
        boolean[] straight = new boolean[geometry.raidDisks()];
        if (wanted.size() > 1
                && members.waitForTransfers()
                && wanted.stream().allMatch(each -> MemberSet.isForAllThreads(each.target()))) {
            members.sideBySide(wanted.stream()
                    .<Transfers>map(each -> () -> straight[each.slot()] = readStraight(each))
                    .toList());
        }
        for (Wanted each : wanted) {
            if (!straight[each.slot()]) {
                stripeReader.read(lease, each.slot(), run.memberOffsetBytes(), each.target());
            }
        }
    }

    private boolean readStraight(Wanted each) {
        Member member = members.readable(each.slot(), run.endStripeSector());
        if (member == null) {
            return false;
        }
        try {
            member.read(run.memberOffsetBytes(), each.target());
            return true;
        } catch (DeviceException e) {
            // Read again, and reported if the member can't read it then either.
            return false;
        }
    }
}
