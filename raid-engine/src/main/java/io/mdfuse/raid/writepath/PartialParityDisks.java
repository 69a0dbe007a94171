package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.PplEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The partial parity logs on the members. The log of a slot is written to every device that is written to for the slot:
 * the member, in sync or not, and its replacement. So every device whose parity of a stripe is used has that stripe's
 * entry.
 *
 * <p>Written by one round at a time; devices may be attached meanwhile.
 */
final class PartialParityDisks {
    private final MemberSet members;
    /** By device number. */
    private final Map<Integer, PplArea> areas;

    private final int capacityBytes;
    /** The numbers of the devices whose log has entries. Used by the current round only. */
    private final Set<Integer> inForce = new HashSet<>();

    /**
     * Begins with areas whose logs are all empty.
     *
     * @param areas by device number, of every device that is written to
     */
    PartialParityDisks(MemberSet members, Map<Integer, PplArea> areas) {
        this.members = members;
        this.areas = new ConcurrentHashMap<>(areas);
        this.capacityBytes =
                areas.values().stream().mapToInt(PplArea::capacityBytes).min().orElseThrow();
    }

    /** Bytes of partial parity that fit every log. */
    int capacityBytes() {
        return capacityBytes;
    }

    /**
     * Writes an empty log, durably, to a device that is about to take a slot. A device that has its log already keeps
     * it, since it may be in force by then.
     */
    void attach(FoundDevice device) throws IOException {
        int number = device.superblock().deviceNumber();
        PplArea had = areas.get(number);
        if (had != null && had.isOn(device.device())) {
            return;
        }
        PplArea area = PplArea.of(device);
        area.requireCapacity(capacityBytes);
        area.format();
        area.flush();
        areas.put(number, area);
    }

    /** True if any log has entries. */
    boolean anyInForce() {
        return !inForce.isEmpty();
    }

    /**
     * Puts a slot's log in force; durable after the members' next flush.
     *
     * @param log space for a header, then the partial parity of the entries
     */
    void write(int slot, List<PplEntry> entries, MemorySegment log) throws IOException {
        for (Member member : members.writable(slot)) {
            PplArea area = areas.get(member.deviceNumber());
            if (area != null) {
                inForce.add(member.deviceNumber());
                write(member, () -> area.write(entries, log));
            }
        }
    }

    /** Makes all logs empty; durable after the members' next flush. */
    void writeEmpty() throws IOException {
        for (Member member : members.writable()) {
            PplArea area = areas.get(member.deviceNumber());
            if (area != null && inForce.contains(member.deviceNumber())) {
                write(member, area::writeEmpty);
            }
        }
        inForce.clear();
    }

    private interface Write {
        void run() throws DeviceException;
    }

    private void write(Member member, Write write) throws IOException {
        try {
            write.run();
        } catch (DeviceException e) {
            members.failed(member, e);
        }
    }
}
