package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/** One state that a crash can leave: a position in the trace, and which unflushed changes have survived. */
public final class CrashState {
    private final int prefixLength;
    private final Survival survival;
    private final List<String> names;
    private final List<DiskHistory> histories;

    /** Valid only until the cursor that made this state moves. */
    CrashState(int prefixLength, Survival survival, List<String> names, List<DiskHistory> histories) {
        this.prefixLength = prefixLength;
        this.survival = survival;
        this.names = names;
        this.histories = histories;
    }

    /** The number of events before the power failure. */
    public int prefixLength() {
        return prefixLength;
    }

    /** Which of the changes not flushed have reached the medium. */
    public Survival survival() {
        return survival;
    }

    /** The disks after the crash, in the order of the trace; each call makes new ones, on the trace given. */
    public List<CrashDisk> disks(CrashTrace trace) {
        List<CrashDisk> disks = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            disks.add(new CrashDisk(names.get(i), histories.get(i).afterCrash(survival), trace));
        }
        return disks;
    }

    /** The arguments with which {@link CrashTrace#materialise} makes this state again. */
    @Override
    public String toString() {
        return "crash after " + prefixLength + " events, " + survival;
    }
}
