package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Superblock;

/** Whether what was assembled is enough to go on with. Each refusal says what is missing and what to do. */
final class AssemblyPolicy {
    private final Assembly assembly;
    private final AssembleOptions options;
    private final Superblock reference;

    AssemblyPolicy(Assembly assembly, AssembleOptions options) {
        this.assembly = assembly;
        this.options = options;
        this.reference = assembly.reference();
    }

    /** The layout, where mdfuse can serve it. */
    ParityLayout layout() throws ArrayRefusedException {
        ParityLayout layout = ParityLayout.of(reference.level(), reference.layout())
                .orElseThrow(() -> new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        array() + ": layout " + reference.layout() + " of RAID-" + reference.level()
                                + " is not known to mdfuse"));
        if (layout.level() == 6) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED, array() + ": RAID-6 can be examined, but not mounted by this version");
        }
        return layout;
    }

    /** Refuses what must not be started without the user's word, or at all. */
    void check(ParityLayout layout) throws ArrayRefusedException {
        checkMembers(layout);
        checkJournal();
        boolean parityMayBeWrong = reference.resyncOffsetSectors() != Superblock.IN_SYNC;
        // With partial parity logs it depends on what they say, which is asked later: see PplStart.
        boolean logged = ConsistencyPolicy.of(reference) == ConsistencyPolicy.PPL;
        if (!assembly.missingSlots().isEmpty() && parityMayBeWrong && !logged && !options.force()) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    array() + ": it was not stopped cleanly and a member is missing, so what that member held may be"
                            + " rebuilt wrong; give the missing member, or accept that with --force");
        }
    }

    private void checkMembers(ParityLayout layout) throws ArrayRefusedException {
        int missing = assembly.missingSlots().size();
        if (missing > layout.parityCount()) {
            throw new ArrayRefusedException(
                    Reason.MISSING,
                    array() + ": " + missing + " of " + reference.raidDisks() + " members are missing (slots "
                            + assembly.missingSlots() + ") and the array can do without " + layout.parityCount()
                            + "; give more of its devices");
        }
        for (int slot : assembly.missingSlots()) {
            if (isExpected(slot) && !options.run()) {
                throw new ArrayRefusedException(
                        Reason.MISSING,
                        array() + ": the member of slot " + slot
                                + " is missing; give its device too, or go on without it with --run");
            }
        }
    }

    /** True where the freshest superblock believes that somebody sits in the slot. */
    private boolean isExpected(int slot) {
        for (int number = 0; number < reference.maxDev(); number++) {
            if (reference.role(number) == slot) {
                return true;
            }
        }
        return false;
    }

    private void checkJournal() throws ArrayRefusedException {
        if (!assembly.journalRequired() || assembly.journal() != null) {
            return;
        }
        if (options.readOnly() && options.force()) {
            return;
        }
        throw new ArrayRefusedException(
                Reason.MISSING,
                array() + ": its journal device is missing and may hold the newest writes; give it too, or look at the"
                        + " array without them with --read-only --force");
    }

    private String array() {
        String name = reference.setName();
        return "array " + (name.isEmpty() ? reference.setUuidText() : name + " (" + reference.setUuidText() + ")");
    }
}
