package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.Assembly.TakenBack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes back members that left an array, if the user forces it, as {@code mdadm --assemble --force} does.
 *
 * <ol>
 *   <li>A member can come back if according to its own superblock it was complete when it left, if it describes the
 *       array as the others do, and if neither its slot nor its device number has another device now. A device that was
 *       being rebuilt, a spare and a journal can't come back.
 *   <li>The member with the most events is taken first. It lacks only what was written after the others recorded its
 *       failure, which is little if the array stopped then.
 *   <li>No more members are taken back than the array needs: the content of each of them is older than the array.
 *   <li>One exception: members that left with the same event count while the array was dirty come back together. They
 *       left in the middle of writes. In the stripes of these writes one member's block can't be solved from parity,
 *       while each member has its own old or new block. (mdadm always takes back members with one event count
 *       together.)
 * </ol>
 */
public final class ForcedReturn {
    private static final Comparator<TakenBack> FRESHEST_FIRST = Comparator.comparing(
                    ForcedReturn::events, (one, other) -> Long.compareUnsigned(other, one))
            .thenComparing(TakenBack::slot);

    private ForcedReturn() {}

    /** The members that can come back, one for each slot without a device, in the order in which they are taken. */
    public static List<TakenBack> candidates(Assembly assembly) {
        TreeMap<Integer, TakenBack> ofSlot = new TreeMap<>();
        for (Bystander other : assembly.others()) {
            if (canComeBack(assembly, other)) {
                TakenBack candidate = new TakenBack(other.device(), other.ownRole(), other.standing());
                ofSlot.merge(
                        candidate.slot(),
                        candidate,
                        (one, another) -> FRESHEST_FIRST.compare(one, another) <= 0 ? one : another);
            }
        }
        List<TakenBack> sorted = new ArrayList<>(ofSlot.values());
        sorted.sort(FRESHEST_FIRST);
        return sorted;
    }

    /**
     * The assembly with as many of its {@link #candidates} as it needs, so that at most {@code mayLack} slots are
     * without a member. Nothing is written.
     *
     * @param mayLack how many members the array can do without: the number of parity blocks in a stripe
     */
    public static Assembly takeBack(Assembly assembly, int mayLack) {
        List<TakenBack> taken = new ArrayList<>();
        int missing = assembly.missingSlots().size();
        for (TakenBack candidate : candidates(assembly)) {
            boolean together = !taken.isEmpty() && leftTogether(taken.getLast(), candidate);
            if (missing - taken.size() > mayLack || together) {
                taken.add(candidate);
            }
        }
        return taken.isEmpty() ? assembly : with(assembly, taken);
    }

    private static boolean leftTogether(TakenBack one, TakenBack other) {
        return events(one) == events(other)
                && one.device().superblock().resyncOffset().isDirty()
                && other.device().superblock().resyncOffset().isDirty();
    }

    private static long events(TakenBack candidate) {
        return candidate.device().superblock().events();
    }

    private static boolean canComeBack(Assembly assembly, Bystander other) {
        Superblock own = other.device().superblock();
        int slot = other.ownRole();
        boolean fellOut = other.standing() == Standing.FAULTY
                || other.standing() == Standing.REMOVED
                || other.standing() == Standing.STALE;
        return fellOut
                && slot < assembly.slots().size()
                && assembly.slots().get(slot) == null
                && assembly.rebuilding().stream().noneMatch(rebuilding -> rebuilding.slot() == slot)
                && isWhole(own, slot, assembly.reference())
                && isNumberFree(assembly, own.deviceNumber(), slot)
                && describesTheSame(own, assembly.reference());
    }

    private static boolean isWhole(Superblock own, int slot, Superblock reference) {
        return own.recoveryPosition(slot, reference.usedSectors()).isInSync() && !own.hasFeature(Features.REPLACEMENT);
    }

    private static boolean isNumberFree(Assembly assembly, int number, int slot) {
        int role = assembly.reference().role(number);
        boolean free = role == Roles.FAULTY || role == Roles.SPARE || role == slot;
        return free
                && number < assembly.reference().maxDev()
                && assembly.slots().stream().noneMatch(member -> hasNumber(member, number))
                && !hasNumber(assembly.journal(), number)
                && assembly.others().stream()
                        .filter(other -> other.standing() == Standing.SPARE
                                || other.standing() == Standing.REBUILDING
                                || other.standing() == Standing.REPLACEMENT)
                        .noneMatch(other -> hasNumber(other.device(), number));
    }

    private static boolean hasNumber(@Nullable FoundDevice device, int number) {
        return device != null && device.superblock().deviceNumber() == number;
    }

    /** A bitmap or partial parity log that the array has now must exist on the device, too. */
    private static boolean describesTheSame(Superblock own, Superblock reference) {
        int beside = Features.BITMAP | Features.ANY_PPL;
        boolean hasWhatIsNeeded = (reference.featureMap() & beside & ~own.featureMap()) == 0;
        return hasWhatIsNeeded
                && own.metadataVersion() == reference.metadataVersion()
                && AssemblyRules.shape(own).equals(AssemblyRules.shape(reference))
                && own.usedSectors() == reference.usedSectors()
                && own.dataSizeSectors() >= reference.usedSectors();
    }

    private static Assembly with(Assembly assembly, List<TakenBack> taken) {
        List<@Nullable FoundDevice> slots = new ArrayList<>(assembly.slots());
        for (TakenBack each : taken) {
            slots.set(each.slot(), inItsSlot(each, assembly.reference()));
        }
        List<Bystander> others = assembly.others().stream()
                .filter(other -> taken.stream().noneMatch(each -> each.device().equals(other.device())))
                .toList();
        return new Assembly(
                assembly.reference(),
                Collections.unmodifiableList(slots),
                assembly.journal(),
                others,
                List.copyOf(taken));
    }

    /** Gives it the role table of the others, in memory only. Its event count stays, which shows that it is behind. */
    private static FoundDevice inItsSlot(TakenBack taken, Superblock reference) {
        Superblock own = taken.device().superblock();
        Superblock next = own.edit(editor -> {
            for (int number = 0; number < own.maxDev(); number++) {
                editor.role(number, reference.tableRole(number));
            }
            editor.role(own.deviceNumber(), taken.slot());
        });
        return new FoundDevice(taken.device().device(), next);
    }
}
