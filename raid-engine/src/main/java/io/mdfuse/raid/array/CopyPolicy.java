package io.mdfuse.raid.array;

import io.mdfuse.raid.copies.CopyLayout;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopyShape;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.ForcedReturn;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides whether an array without parity may be opened with the members that it has. It only looks at superblocks.
 *
 * <pre>
 *                                                    RAID-0, linear    RAID-1, RAID-10
 *   without --read-only                              refused           refused
 *   all slots have a member                          yes               yes
 *   each byte has a member, some slots have none     refused           --run if the superblocks expect one
 *   ... or only one that is not rebuilt so far       –                 --force: I/O errors in the rest
 *   a byte has no member                             refused           --force if members that left hold it
 * </pre>
 */
final class CopyPolicy {
    private final CopyLevel level;
    private final Assembly given;
    private final AssembleOptions options;
    private final String array;

    /**
     * The array that may be opened.
     *
     * @param assembly may lack members that are possibly older images, and have members that were taken back
     */
    record Accepted(Assembly assembly, CopyLevel level, CopyLayout layout) {
        /** How many more members may fail without a loss; negative if there is one. */
        int failuresLeft() {
            return layout.slotSets().stream()
                            .mapToInt(slots -> (int) slots.stream()
                                    .filter(slot -> assembly.slots().get(slot) != null)
                                    .count())
                            .min()
                            .orElse(0)
                    - 1;
        }
    }

    private CopyPolicy(CopyLevel level, Assembly given, AssembleOptions options) {
        this.level = level;
        this.given = given;
        this.options = options;
        this.array = AssemblyPolicy.nameOf(given.reference());
    }

    /**
     * The array, if it may be opened.
     *
     * @throws ArrayRefusedException if it may not; the message is one line
     */
    static Accepted accept(CopyLevel level, Assembly given, AssembleOptions options) throws ArrayRefusedException {
        if (!options.readOnly()) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    AssemblyPolicy.nameOf(given.reference()) + ": level " + level.mdName()
                            + " is served read-only: add --read-only");
        }
        return new CopyPolicy(level, given, options).accept();
    }

    private Accepted accept() throws ArrayRefusedException {
        if (!level.keepsCopies() && !given.missingSlots().isEmpty()) {
            throw missing(new TreeSet<>(given.missingSlots()), "keeps each byte once");
        }
        CopyLayout layout = CopyShape.layout(array, level, given.reference(), dataSectors(), options.stripeOrder());
        Assembly used =
                options.force() ? withMembersTakenBack(layout) : UpdateTimes.withoutOldImages(given, mayLack(layout));
        AssemblyPolicy.checkWrittenTogether(used, options);
        Set<Integer> lost = lost(used, layout, options.force());
        if (!lost.isEmpty()) {
            throw missing(lost, "keeps all copies of some bytes there");
        }
        if (!options.force() && !options.run()) {
            new ExpectedMembers(array, used).check();
        }
        return new Accepted(used, level, layout);
    }

    private List<Long> dataSectors() {
        return given.slots().stream()
                .filter(Objects::nonNull)
                .map(FoundDevice::superblock)
                .map(Superblock::dataSizeSectors)
                .toList();
    }

    /** How many members any array of this layout can do without. */
    private static int mayLack(CopyLayout layout) {
        return layout.slotSets().stream().mapToInt(List::size).min().orElse(1) - 1;
    }

    /** With members that left, the freshest first, no more than needed. */
    private Assembly withMembersTakenBack(CopyLayout layout) {
        Assembly used = given;
        for (int lack = given.missingSlots().size() - 1;
                lack >= 0 && !lost(used, layout, true).isEmpty();
                lack--) {
            used = ForcedReturn.takeBack(given, lack);
        }
        return used;
    }

    /** The slots of a set that has no member; empty if each set has one. */
    private static Set<Integer> lost(Assembly assembly, CopyLayout layout, boolean partlyRebuiltCount) {
        Set<Integer> absent =
                partlyRebuiltCount ? ExpectedMembers.emptySlots(assembly) : new TreeSet<>(assembly.missingSlots());
        Set<Integer> lost = new TreeSet<>();
        layout.slotSets().stream().filter(absent::containsAll).forEach(lost::addAll);
        return lost;
    }

    private ArrayRefusedException missing(Set<Integer> slots, String why) {
        DeviceText words = new DeviceText(given);
        List<String> parts = new ArrayList<>();
        parts.add(array + ": " + (slots.size() == 1 ? "slot " : "slots ") + list(slots) + " of "
                + given.slots().size() + (slots.size() == 1 ? " has" : " have") + " no member, and level "
                + level.mdName() + " " + why);
        for (Bystander other : given.others()) {
            parts.add(words.of(other));
        }
        boolean forceHelps = level.keepsCopies() && !options.force() && forceHelps();
        parts.add(
                forceHelps
                        ? "give more of its devices, or read what these hold with --force"
                        : "give more of its devices");
        return new ArrayRefusedException(Reason.MISSING, String.join("; ", parts));
    }

    private boolean forceHelps() {
        try {
            return new CopyPolicy(level, given, options.withForce(true)).accept() != null;
        } catch (ArrayRefusedException e) {
            return false;
        }
    }

    private static String list(Set<Integer> slots) {
        return String.join(", ", slots.stream().map(String::valueOf).toList());
    }
}
