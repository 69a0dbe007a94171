package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/** One state in which disks may be found after a crash: a position in the trace, and what survived there. */
public final class CrashState {
    private final int prefixLength;
    private final Survival survival;
    private final List<String> names;
    private final List<DiskHistory> histories;

    /** The histories are looked at only while the cursor that made this state stands still. */
    CrashState(int prefixLength, Survival survival, List<String> names, List<DiskHistory> histories) {
        this.prefixLength = prefixLength;
        this.survival = survival;
        this.names = names;
        this.histories = histories;
    }

    /** How many events of the trace had happened when power failed. */
    public int prefixLength() {
        return prefixLength;
    }

    /** What reached the medium of the changes that were not flushed. */
    public Survival survival() {
        return survival;
    }

    /** The disks as they are found, in the order of the trace; each call makes new ones, on the trace given. */
    public List<CrashDisk> disks(CrashTrace trace) {
        List<CrashDisk> disks = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            disks.add(new CrashDisk(names.get(i), histories.get(i).afterCrash(survival), trace));
        }
        return disks;
    }

    /** What to give to {@link CrashTrace#materialise} to see this state again. */
    @Override
    public String toString() {
        return "crash after " + prefixLength + " events, " + survival;
    }
}
