package io.mdfuse.raid.member;

import io.mdfuse.raid.statistics.DeviceTraffic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The devices of each slot: at most one member, and beside a member at most one replacement.
 *
 * <p>Reads take no lock and may run beside a change. {@link #join} and {@link #leaveOut} are called with the lock of
 * {@link MemberSet} held. A member that has failed stays in the table, and no method returns it.
 */
final class SlotTable {
    private final AtomicReferenceArray<@Nullable Member> slots;
    private final AtomicReferenceArray<@Nullable Member> replacements;

    /** Of all members that have ever been in the table, so that a sum over them never becomes less. */
    private final List<DeviceTraffic> traffic = new CopyOnWriteArrayList<>();

    /** @param members the member of each slot; null if the slot has none */
    SlotTable(List<? extends @Nullable Member> members) {
        this.slots = new AtomicReferenceArray<>(members.toArray(new Member[0]));
        this.replacements = new AtomicReferenceArray<>(new Member[members.size()]);
        for (Member member : members) {
            if (member != null) {
                traffic.add(member.traffic());
            }
        }
    }

    int size() {
        return slots.length();
    }

    boolean waitForTransfers() {
        for (int slot = 0; slot < size(); slot++) {
            Member member = slots.get(slot);
            if (member != null && member.waitsForTransfers()) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    Member member(int slot) {
        return live(slots.get(slot));
    }

    @Nullable
    Member replacement(int slot) {
        return live(replacements.get(slot));
    }

    private static @Nullable Member live(@Nullable Member member) {
        return member != null && !member.isFaulty() ? member : null;
    }

    @Nullable
    Member inSync(int slot) {
        Member member = slots.get(slot);
        return member != null && member.inSync() ? member : null;
    }

    @Nullable
    Member readable(int slot, long endStripeSector) {
        Member member = slots.get(slot);
        return member != null && member.holdsUpTo(endStripeSector) ? member : null;
    }

    List<Member> writable(int slot) {
        // In this order: a replacement that has moved into the slot since is found as the slot's member.
        Member replacement = replacement(slot);
        Member member = member(slot);
        if (replacement == null || replacement == member) {
            return member == null ? List.of() : List.of(member);
        }
        return member == null ? List.of(replacement) : List.of(member, replacement);
    }

    List<Member> writable() {
        List<Member> members = new ArrayList<>(size());
        for (int slot = 0; slot < size(); slot++) {
            members.addAll(writable(slot));
        }
        return members;
    }

    /** What the members have read and written, those included that have left the table. */
    List<DeviceTraffic> traffic() {
        return traffic;
    }

    int degraded() {
        int degraded = 0;
        for (int slot = 0; slot < size(); slot++) {
            degraded += inSync(slot) == null ? 1 : 0;
        }
        return degraded;
    }

    /**
     * Puts a device into its slot, or beside the slot's member.
     *
     * @throws IllegalStateException if that place is taken
     */
    void join(Member joining, boolean replacement) {
        boolean beside = replacement && member(joining.slot()) != null;
        AtomicReferenceArray<@Nullable Member> places = beside ? replacements : slots;
        if (live(places.get(joining.slot())) != null) {
            throw new IllegalStateException("slot " + joining.slot() + " is taken");
        }
        traffic.add(joining.traffic());
        places.set(joining.slot(), joining);
    }

    /** Makes {@code member} faulty. If it has a replacement, the replacement gets the slot. */
    void leaveOut(Member member) {
        int slot = member.slot();
        member.fail();
        if (replacements.get(slot) == member) {
            replacements.set(slot, null);
        } else if (slots.get(slot) == member) {
            Member replacement = replacement(slot);
            // The replacement is put into its new place first, so that no write misses it.
            slots.set(slot, replacement == null ? member : replacement);
            replacements.set(slot, null);
        }
    }
}
