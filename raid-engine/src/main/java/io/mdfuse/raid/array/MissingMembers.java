package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.Joiner;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.Assembly.TakenBack;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.ForcedReturn;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether an array may be started with the members that it has.
 *
 * <pre>
 *   slots without a whole member              the array is clean     it is dirty, and nothing tells what was under way
 *   none                                      yes                    yes, with a resync
 *   only parity is missing                    --run if expected      --run if expected
 *   all of these are being rebuilt            yes                    --read-only, or --force
 *   ... in use by Synology's md before        yes                    --read-only, or --force
 *   no more than it can do without            --run if expected      --force
 *   ... for they may be older images          --read-only            --read-only
 *   more                                      --force if enough can be taken back
 *   more, but some are partly rebuilt         --read-only --force: blocks that can't be solved are I/O errors
 * </pre>
 *
 * A slot is expected if the freshest superblock believes that it has a member. {@code --force} is {@code --run} too.
 */
final class MissingMembers {
    private final String array;
    private final Assembly assembly;
    private final AssembleOptions options;
    private final ParityLayout layout;
    private final DeviceWords words;
    private final Superblock reference;

    /**
     * Nothing is decided yet.
     *
     * @param array how messages call it
     * @param assembly with those who were taken back, if the user forces it
     */
    MissingMembers(String array, Assembly assembly, AssembleOptions options, ParityLayout layout) {
        this.array = array;
        this.assembly = assembly;
        this.options = options;
        this.layout = layout;
        this.words = new DeviceWords(assembly);
        this.reference = assembly.reference();
    }

    /** Refuses what must not be started without the user's word, or at all. */
    void check() throws ArrayRefusedException {
        if (assembly.missingSlots().size() > layout.parityCount() && !servesWhatIsRebuilt()) {
            throw new ArrayRefusedException(Reason.MISSING, tooFew());
        }
        if (!options.force()) {
            checkDoubt();
        }
        if (!options.force() && !options.run()) {
            checkExpected();
        }
    }

    /** True if parity may be wrong, and no partial parity log (which is asked later) tells where. */
    static boolean parityInDoubt(Assembly assembly) {
        boolean mayBeWrong = !assembly.reference().resyncOffset().isInSync() || assembly.lacksJournal();
        return mayBeWrong && ConsistencyPolicy.of(assembly.reference()) != ConsistencyPolicy.PPL;
    }

    /** Slots that nothing is there for, not even a device that is partly rebuilt. */
    private Set<Integer> emptySlots() {
        Set<Integer> empty = new TreeSet<>(assembly.missingSlots());
        assembly.joining().forEach(joiner -> empty.remove(joiner.slot()));
        return empty;
    }

    private boolean servesWhatIsRebuilt() {
        return options.force() && options.readOnly() && emptySlots().size() <= layout.parityCount();
    }

    private String tooFew() {
        List<Integer> missing = assembly.missingSlots();
        StringBuilder text = new StringBuilder(array + ": " + missing.size() + " of " + reference.raidDisks()
                + " members are missing (slots " + missing + ") and the array can do without " + layout.parityCount());
        for (Bystander other : assembly.others()) {
            text.append("; ").append(words.of(other));
        }
        List<TakenBack> returners = ForcedReturn.candidates(assembly);
        int needed = missing.size() - layout.parityCount();
        if (!options.force() && returners.size() >= needed) {
            // As many as --force would take: members that left together come back together.
            String names = ForcedReturn.takeBack(assembly, layout.parityCount()).takenBack().stream()
                    .map(taken -> taken.device().name())
                    .collect(Collectors.joining(", "));
            return text + "; --force takes back " + names
                    + " (what was written since is missing from it), in memory alone with --read-only";
        }
        if (emptySlots().size() <= layout.parityCount() && anythingRebuilt()) {
            return text + "; give more of its devices, or read what can still be solved with --read-only --force";
        }
        return text + "; give more of its devices";
    }

    private boolean anythingRebuilt() {
        return assembly.joining().stream().anyMatch(joiner -> !joiner.recovery().isNone());
    }

    private void checkDoubt() throws ArrayRefusedException {
        List<Integer> missing = assembly.missingSlots();
        if (missing.isEmpty() || !parityInDoubt(assembly) || onlyParityIsMissing(missing)) {
            return;
        }
        if (options.readOnly() && reference.leftInUse() && !assembly.lacksJournal()) {
            // Synology's mark says that parity was right everywhere before, and the start says what that means.
            return;
        }
        if (options.readOnly() && !assembly.lacksJournal() && missing.stream().allMatch(this::isOldImageLeftOut)) {
            // What a crash between two superblocks leaves is whole; where it is an older image, the start says what
            // that means.
            return;
        }
        String cause = assembly.lacksJournal() ? "its journal is missing" : "it was not stopped cleanly";
        if (emptySlots().isEmpty() && !assembly.lacksJournal()) {
            if (!options.readOnly()) {
                throw new ArrayRefusedException(
                        Reason.UNSAFE,
                        array + ": " + cause + " while it was being rebuilt: " + rebuilding()
                                + "; what is not rebuilt yet may be solved wrong where writes were"
                                + " under way; look at the"
                                + " array with --read-only, or accept that with --force");
            }
            return;
        }
        throw new ArrayRefusedException(
                Reason.UNSAFE,
                array + ": " + cause + " and a member is missing (" + slotWords(missing)
                        + "), so what that member held may be rebuilt wrong where writes were under way;"
                        + " give the missing member, or go on without it with --force, which takes parity for right");
    }

    /** If the parity alone is missing, all data is there, and nothing has to be solved. */
    private boolean onlyParityIsMissing(List<Integer> missing) {
        if (layout.parityCount() != 1 || assembly.lacksJournal() || missing.size() != 1) {
            return false;
        }
        ArrayGeometry geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        int slot = missing.getFirst();
        for (long row = 0; row < reference.raidDisks(); row++) {
            if (geometry.parityP(row) != slot) {
                return false;
            }
        }
        return true;
    }

    private String rebuilding() {
        return assembly.joining().stream()
                .map(joiner -> joiner.device().name() + " (slot " + joiner.slot() + ") is rebuilt to "
                        + words.percent(joiner) + " only")
                .collect(Collectors.joining("; "));
    }

    private void checkExpected() throws ArrayRefusedException {
        for (int slot : emptySlots()) {
            if (isExpected(slot) && !isOldImageLeftOut(slot)) {
                Bystander stale = words.fallenOut().get(slot);
                throw stale != null
                        ? new ArrayRefusedException(
                                Reason.STALE,
                                stale.device().name() + ": " + words.state(stale)
                                        + ", so its content is stale and slot " + slot
                                        + " has no member; give the newer device, or go on without it with --run")
                        : new ArrayRefusedException(
                                Reason.MISSING,
                                array + ": the member of slot " + slot
                                        + " is missing; give its device too, or go on without it with --run");
            }
        }
    }

    private boolean isOldImageLeftOut(int slot) {
        Bystander fallen = words.fallenOut().get(slot);
        return fallen != null && fallen.standing() == Standing.OLD_IMAGE;
    }

    private String slotWords(List<Integer> missing) {
        List<String> each = new ArrayList<>();
        for (int slot : missing) {
            @Nullable Bystander fallen = words.fallenOut().get(slot);
            Optional<Joiner> joiner = assembly.joining().stream()
                    .filter(other -> other.slot() == slot)
                    .findFirst();
            if (joiner.isPresent()) {
                each.add("slot " + slot + ": " + joiner.get().device().name() + " is rebuilt to "
                        + words.percent(joiner.get()) + " only");
            } else {
                each.add(fallen == null ? "slot " + slot : "slot " + slot + ": " + words.of(fallen));
            }
        }
        return String.join("; ", each);
    }

    /** True if the freshest superblock believes that the slot has a member. */
    private boolean isExpected(int slot) {
        for (int number = 0; number < reference.maxDev(); number++) {
            if (reference.role(number) == slot) {
                return true;
            }
        }
        return false;
    }
}
