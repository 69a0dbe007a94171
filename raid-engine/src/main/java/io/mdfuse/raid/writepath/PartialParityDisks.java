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
 * The partial parity logs on the members. A slot's log goes to everybody who is written to there: to the member, in
 * sync or not, and to whoever is to replace it. So whoever is trusted with a stripe's parity has that stripe's entry.
 *
 * <p>Written by one round at a time; devices may be attached meanwhile.
 */
final class PartialParityDisks {
    private final MemberSet members;
    /** By device number. */
    private final Map<Integer, PplArea> areas;

    private final int capacityBytes;
    /** The numbers of the devices whose log has entries. Of the round's alone. */
    private final Set<Integer> inForce = new HashSet<>();

    /**
     * Takes areas whose logs are all empty.
     *
     * @param areas by device number, of everybody who is written to
     */
    PartialParityDisks(MemberSet members, Map<Integer, PplArea> areas) {
        this.members = members;
        this.areas = new ConcurrentHashMap<>(areas);
        this.capacityBytes =
                areas.values().stream().mapToInt(PplArea::capacityBytes).min().orElseThrow();
    }

    /** How much partial parity every log has room for. */
    int capacityBytes() {
        return capacityBytes;
    }

    /**
     * Gives a device that is about to take a slot an empty log, durably. One that has its log already keeps it: by then
     * it may be in force.
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

    /** True where any log has entries. */
    boolean anyInForce() {
        return !inForce.isEmpty();
    }

    /**
     * Puts a slot's log in force; durable after the members' next flush.
     *
     * @param log room for a head, then the partial parity of the entries
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
