package io.mdfuse.raid.writepath;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.member.Transfers;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs to the members: data, then parity. A member whose write fails is not written any more; a write that
 * skipped it returns only once the failure is on record.
 */
public final class MemberWriter {
    private final ArrayGeometry geometry;
    private final MemberSet members;

    /** Creates the writer of one array. */
    public MemberWriter(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /**
     * Reserves space for the runs on every member that is written to. Nothing is logged or written before this has
     * returned, so a host without space leaves every stripe as it was.
     *
     * @param lease covers the stripes of all runs
     * @throws NoSpaceException if a host has no space; also if an earlier write to a member still waits for space
     */
    public void reserve(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        for (RunWrite run : runs) {
            lease.require(run.stripes());
            for (int index = 0; index < geometry.dataDisks(); index++) {
                if (run.newData(index) != null) {
                    reserveSlot(geometry.dataSlot(run.row(), index), run);
                }
            }
            reserveSlot(geometry.parityP(run.row()), run);
            int slotOfQ = geometry.parityQ(run.row());
            if (slotOfQ >= 0) {
                reserveSlot(slotOfQ, run);
            }
        }
    }

    private void reserveSlot(int slot, RunWrite run) throws IOException {
        for (Member member : members.writable(slot)) {
            try {
                member.reserve(run.memberOffsetBytes(), run.bytesPerSlot());
            } catch (NoSpaceException e) {
                throw e;
            } catch (DeviceException e) {
                members.failed(member, e);
            }
        }
    }

    /**
     * Writes the runs; to all members at the same time, if their transfers wait for servers.
     *
     * @param lease covers the stripes of all runs
     */
    public void write(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        members.requireSound();
        runs.forEach(run -> lease.require(run.stripes()));
        if (members.waitForTransfers() && runs.stream().allMatch(RunWrite::isForAllThreads)) {
            members.sideBySide(writesOfEachSlot(runs));
        } else {
            for (RunWrite run : runs) {
                writeDataAndParity(run);
            }
        }
        members.awaitRecords();
    }

    /** What each slot gets of the runs, in the order of the runs. */
    private List<Transfers> writesOfEachSlot(List<RunWrite> runs) {
        List<Transfers> writes = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            int writtenSlot = slot;
            List<RunWrite> written = runs.stream()
                    .filter(run -> blocks(run, writtenSlot) != null)
                    .toList();
            if (!written.isEmpty()) {
                writes.add(() -> {
                    for (RunWrite run : written) {
                        writeSlot(writtenSlot, run, Objects.requireNonNull(blocks(run, writtenSlot)));
                    }
                });
            }
        }
        return writes;
    }

    private void writeDataAndParity(RunWrite run) throws IOException {
        for (int index = 0; index < geometry.dataDisks(); index++) {
            MemorySegment blocks = run.newData(index);
            if (blocks != null) {
                writeSlot(geometry.dataSlot(run.row(), index), run, blocks);
            }
        }
        if (run.parityIsLost()) {
            return;
        }
        writeSlot(geometry.parityP(run.row()), run, run.p());
        MemorySegment q = run.q();
        if (q != null) {
            writeSlot(geometry.parityQ(run.row()), run, q);
        }
    }

    /** What a slot gets of a run; null if nothing. */
    private @Nullable MemorySegment blocks(RunWrite run, int slot) {
        int index = geometry.dataIndex(run.row(), slot);
        if (index >= 0) {
            return run.newData(index);
        }
        if (run.parityIsLost()) {
            return null;
        }
        return slot == geometry.parityP(run.row()) ? run.p() : run.q();
    }

    /**
     * Writes the run's blocks of some slots only.
     *
     * @param lease covers the run's stripes
     */
    void write(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        lease.require(run.stripes());
        members.requireSound();
        for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
            writeSlot(slot, run, Objects.requireNonNull(blocks(run, slot)));
        }
        members.awaitRecords();
    }

    private void writeSlot(int slot, RunWrite run, MemorySegment blocks) throws IOException {
        for (Member member : members.writable(slot)) {
            try {
                member.write(run.memberOffsetBytes(), blocks);
            } catch (DeviceException e) {
                members.failed(member, e);
            }
        }
    }
}
