package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.MemberOutcome.UnreadContent;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds what can't be read any more if a member is failed, although the array goes on without it. */
final class FailureCost {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;

    FailureCost(ArrayParts parts) {
        this.geometry = parts.geometry();
        this.members = parts.members();
        this.syncPosition = parts.syncPosition();
    }

    /**
     * The stripes in which blocks are lost if the member is failed: other members list their blocks there as bad, and
     * those are solved with this member.
     *
     * @return the first member sector of each stripe
     */
    SortedSet<Long> stripesLost(Member member) {
        SortedSet<Long> lost = new TreeSet<>();
        if (!member.inSync() || members.inSync(member.slot()) != member || hasReplacementInSync(member)) {
            return lost;
        }
        for (int slot = 0; slot < members.size(); slot++) {
            Member other = slot == member.slot() ? null : members.member(slot);
            if (other != null) {
                for (BadRange range : other.listedStripes()) {
                    addLost(member, range, lost);
                }
            }
        }
        return lost;
    }

    private boolean hasReplacementInSync(Member member) {
        Member replacement = members.replacement(member.slot());
        return replacement != null && replacement.inSync();
    }

    private void addLost(Member member, BadRange range, SortedSet<Long> lost) {
        long end = Math.min(range.sector() + range.sectors(), geometry.memberSectors());
        for (long at = Sectors.roundDown(range.sector(), Sectors.PER_BLOCK); at < end; at += Sectors.PER_BLOCK) {
            long untilSector = at + Sectors.PER_BLOCK;
            boolean readable = !members.isLost(member.slot(), at, untilSector);
            if (readable && othersLost(member, at) + 1 > geometry.layout().parityCount()) {
                lost.add(at);
            }
        }
    }

    private int othersLost(Member member, long stripeSector) {
        int lost = 0;
        for (int slot = 0; slot < members.size(); slot++) {
            boolean other = slot != member.slot();
            lost += other && members.isLost(slot, stripeSector, stripeSector + Sectors.PER_BLOCK) ? 1 : 0;
        }
        return lost;
    }

    /** What can't be read of a member that was failed, because the resync has not made the parity to solve it. */
    UnreadContent unreadForLackOfResync() {
        ResyncOffset position = syncPosition.reached();
        long end = geometry.memberSectors();
        OptionalLong from = position.hasPassed(end) ? OptionalLong.empty() : OptionalLong.of(position.stripeSector());
        return new UnreadContent(from, end, syncPosition.hasSkipped());
    }
}
