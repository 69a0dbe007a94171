package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.PplRecovery;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.writepath.PartialParityLog;
import io.mdfuse.raid.writepath.WriteIntent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The partial parity logs (PPL) of an array that is being opened: they are recovered, and later emptied.
 *
 * @param areas the log of each device that is written to, by device number; empty if the array has no such logs
 * @param madeParityCorrect true if the array was dirty and its logs have made all parity correct
 * @param messages lines for the user
 */
record PplStart(Map<Integer, PplArea> areas, boolean madeParityCorrect, List<String> messages) {

    /**
     * Recovers from the logs if the array is dirty. The logs of a clean array contain nothing that matters.
     *
     * @param lease covers every stripe of the array
     * @throws ArrayRefusedException UNSAFE if a member is missing and the logs can't make all parity correct
     */
    static PplStart of(
            Assembly assembly, ArrayGeometry geometry, MemberSet members, boolean force, StripeLocks.Lease lease)
            throws IOException {
        Superblock reference = assembly.reference();
        if (ConsistencyPolicy.of(reference) != ConsistencyPolicy.PPL) {
            return new PplStart(Map.of(), false, List.of());
        }
        Map<Integer, PplArea> areas = areas(assembly);
        if (reference.resyncOffset().isInSync()) {
            return new PplStart(areas, false, List.of());
        }
        PplRecovery recovery = new PplRecovery(geometry, members, areas);
        boolean complete = recovery.complete() && reference.resyncOffset().isDirty();
        if (members.degraded() > 0 && !complete && !force) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    "array " + reference.setUuidText() + ": it was not stopped cleanly, a member is missing, and the"
                            + " partial parity logs do not say what was under way; give the missing member, or accept"
                            + " that its content may be rebuilt wrong with --force");
        }
        int entries = recovery.recover(lease);
        List<String> messages = new ArrayList<>(recovery.damaged());
        if (entries > 0) {
            messages.add("parity made from " + entries + " entries of the partial parity logs");
        }
        return new PplStart(areas, complete, messages);
    }

    private static Map<Integer, PplArea> areas(Assembly assembly) throws ArrayRefusedException {
        List<FoundDevice> devices = new ArrayList<>();
        assembly.slots().stream().filter(Objects::nonNull).forEach(devices::add);
        assembly.rebuilding().forEach(rebuilding -> devices.add(rebuilding.device()));
        Map<Integer, PplArea> areas = new TreeMap<>();
        for (FoundDevice device : devices) {
            areas.put(device.superblock().deviceNumber(), PplArea.of(device));
        }
        return areas;
    }

    /** The log that each write is recorded in first; {@link WriteIntent#NONE} if the array has no such logs. */
    WriteIntent writeIntent(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition) {
        return areas.isEmpty() ? WriteIntent.NONE : new PartialParityLog(geometry, members, syncPosition, areas);
    }

    /** Makes all logs empty and flushes them. A member whose log can't be written becomes faulty. */
    void format(MemberSet members) throws IOException {
        for (Member member : members.writable()) {
            PplArea area = areas.get(member.deviceNumber());
            if (area != null) {
                try {
                    area.format();
                    area.flush();
                } catch (DeviceException e) {
                    members.failed(member, e);
                }
            }
        }
    }
}
