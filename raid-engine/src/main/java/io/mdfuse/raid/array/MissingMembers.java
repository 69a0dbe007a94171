package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import io.mdfuse.raid.superblock.Assembly.TakenBack;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.ForcedReturn;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an array may be opened with the members that it has. A cell of the table is the option that the user
 * must give, or "yes" if none is needed.
 *
 * <pre>
 *   slots without a complete member           the array is clean     it is dirty, and no log names the stripes in doubt
 *   none                                      yes                    yes, with a resync
 *   only parity is missing                    --run if expected      --run if expected
 *   all of them are being rebuilt             yes                    --read-only, or --force
 *   ... used by Synology's md before          yes                    --read-only, or --force
 *   at most as many as the level has parities --run if expected      --force
 *   ... left out as possibly older images     --read-only            --read-only
 *   more                                      --force if enough members can be taken back
 *   more, but some are partly rebuilt         --read-only --force: blocks that can't be solved give I/O errors
 * </pre>
 *
 * A slot is expected if the freshest superblock lists a member for it. {@code --force} includes {@code --run}; it
 * takes members back ({@link ForcedReturn}).
 */
final class MissingMembers {
    private final String array;
    private final Assembly assembly;
    private final AssembleOptions options;
    private final ParityLayout layout;
    private final DeviceText words;
    private final Superblock reference;
    private final @Nullable ReshapeMembers reshape;

    /**
     * Prepares the decision.
     *
     * @param array the array's name for messages
     * @param assembly includes the members that were taken back, if the user gave {@code --force}
     */
    MissingMembers(String array, Assembly assembly, AssembleOptions options, ParityLayout layout)
            throws ArrayRefusedException {
        this.array = array;
        this.assembly = assembly;
        this.options = options;
        this.layout = layout;
        this.words = new DeviceText(assembly);
        this.reference = assembly.reference();
        this.reshape = ReshapeMembers.of(assembly).orElse(null);
    }

    /** Refuses an array that must not be opened, or only with an option that the user did not give. */
    void check() throws ArrayRefusedException {
        boolean tooFew = reshape == null ? assembly.missingSlots().size() > layout.parityCount() : !reshape.areEnough();
        if (tooFew && !enoughIsPartlyRebuilt()) {
            throw new ArrayRefusedException(Reason.MISSING, tooFew());
        }
        if (!options.force()) {
            checkDoubt();
        }
        if (!options.force() && !options.run()) {
            new ExpectedMembers(array, assembly).check();
        }
    }

    /**
     * True if parity may be wrong, and the array has no partial parity logs that name the stripes. Those logs are read
     * later, by {@link PplStart}.
     */
    static boolean parityInDoubt(Assembly assembly) {
        boolean mayBeWrong = !assembly.reference().resyncOffset().isInSync() || assembly.lacksJournal();
        return mayBeWrong && ConsistencyPolicy.of(assembly.reference()) != ConsistencyPolicy.PPL;
    }

    private Set<Integer> emptySlots() {
        return ExpectedMembers.emptySlots(assembly);
    }

    private boolean enoughIsPartlyRebuilt() {
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
            // The members that --force would take back; members that left together come back together.
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
        return assembly.rebuilding().stream()
                .anyMatch(rebuilding -> !rebuilding.recovery().isNone());
    }

    private void checkDoubt() throws ArrayRefusedException {
        List<Integer> missing = assembly.missingSlots();
        if (missing.isEmpty() || !parityInDoubt(assembly) || onlyParityIsMissing(missing)) {
            return;
        }
        if (options.readOnly() && reference.leftInUse() && !assembly.lacksJournal()) {
            // Synology's flag says that parity was correct before the array was used; SynologyFlags warns the user.
            return;
        }
        if (options.readOnly() && !assembly.lacksJournal() && missing.stream().allMatch(this::isOldImageLeftOut)) {
            // If a crash between two superblocks left this, the others are complete. If the device left out is an older
            // image, StartReport warns the user.
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

    /** True if the missing member contains only parity (RAID-4), so that no data has to be solved. */
    private boolean onlyParityIsMissing(List<Integer> missing) {
        if (reshape != null) {
            return reshape.onlyParityIsMissing();
        }
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
        return assembly.rebuilding().stream()
                .map(rebuilding -> rebuilding.device().name() + " (slot " + rebuilding.slot() + ") is rebuilt to "
                        + words.percent(rebuilding) + " only")
                .collect(Collectors.joining("; "));
    }

    private boolean isOldImageLeftOut(int slot) {
        return ExpectedMembers.isOldImageLeftOut(words, slot);
    }

    private String slotWords(List<Integer> missing) {
        List<String> each = new ArrayList<>();
        for (int slot : missing) {
            @Nullable Bystander fallen = words.fallenOut().get(slot);
            Optional<RebuildingDevice> rebuilding = assembly.rebuilding().stream()
                    .filter(other -> other.slot() == slot)
                    .findFirst();
            if (rebuilding.isPresent()) {
                each.add("slot " + slot + ": " + rebuilding.get().device().name() + " is rebuilt to "
                        + words.percent(rebuilding.get()) + " only");
            } else {
                each.add(fallen == null ? "slot " + slot : "slot " + slot + ": " + words.of(fallen));
            }
        }
        return String.join("; ", each);
    }
}
