package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.Standing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the devices of an array into an {@link Assembly}. The rules are md's ({@code super_1_validate},
 * {@code analyze_sbs}), and stricter in cases in which md would guess:
 *
 * <ol>
 *   <li>All devices have the array UUID that most of them have; a device with another one is foreign and refused.
 *   <li>Of devices with the same device UUID (metadata 0.90: the same device number) the one with the most events is
 *       used. A device that is two or more events behind it is stale: an older copy, or a failed disk beside its
 *       replacement. If the distance is smaller, both are refused.
 *   <li>The device with the highest event count, not counting spares, is the reference ({@link FreshestDevice}). The
 *       array that it describes must be one that is served ({@link ArrayLimits}).
 *   <li>Each device has the role that the reference gives to its device number. A device with the reference's event
 *       count and a different role in its own superblock is refused, since the array was used in two halves; but a
 *       device that calls itself a spare is a spare.
 *   <li>A member or journal may be one event behind the reference: power failed while superblocks were written. A
 *       device that is further behind is stale and is not used, since its content is older than the array's. The
 *       journal alone may be one more event behind for each slot without a member, and one more if the array is dirty:
 *       these updates are written even if the journal can't be written, and until the members say that the journal has
 *       failed, it may hold data that they lack.
 *   <li>Level, layout, chunk size and number of slots are those of the reference.
 *   <li>At most one device claims each slot, and at most one is the journal.
 *   <li>A member whose rebuild is not complete holds its slot's data only up to its recovery offset, and the slot
 *       counts as missing. If its own superblock does not give it the slot yet, it holds nothing.
 *   <li>A replacement is kept beside the slot's member; if that member is missing, the replacement has the slot.
 * </ol>
 */
public final class AssemblyRules {
    private final FoundDevice reference;
    private final @Nullable FoundDevice[] slots;
    private final @Nullable FoundDevice[] rebuilding;
    private final @Nullable FoundDevice[] replacements;
    private @Nullable FoundDevice journal;
    private final List<Bystander> others = new ArrayList<>();

    private AssemblyRules(FoundDevice reference) {
        this.reference = reference;
        int slotCount = ReshapeState.slotCount(reference.superblock());
        this.slots = new @Nullable FoundDevice[slotCount];
        this.rebuilding = new @Nullable FoundDevice[slotCount];
        this.replacements = new @Nullable FoundDevice[slotCount];
    }

    /**
     * Sorts devices that were found into an assembly.
     *
     * @throws ArrayRefusedException if one of the rules refuses a device or the array
     */
    public static Assembly assemble(List<FoundDevice> devices) throws ArrayRefusedException {
        if (devices.isEmpty()) {
            throw new ArrayRefusedException(Reason.MISSING, "no device was given");
        }
        DeviceIdentities.requireOneArray(devices);
        List<FoundDevice> superseded = DeviceIdentities.superseded(devices);
        List<FoundDevice> distinct = new ArrayList<>(devices);
        distinct.removeAll(superseded);
        FoundDevice freshest = FreshestDevice.of(distinct);
        FreshestDevice.requireConsistentRoles(distinct, freshest);
        ArrayLimits.check(freshest);
        AssemblyRules rules = new AssemblyRules(freshest);
        for (FoundDevice device : distinct) {
            rules.place(device);
        }
        superseded.stream().distinct().forEach(device -> rules.others.add(new Bystander(device, Standing.STALE)));
        rules.resolveSlotClaims();
        return new Assembly(
                freshest.superblock(),
                Collections.unmodifiableList(Arrays.asList(rules.slots)),
                rules.journal,
                List.copyOf(rules.others),
                List.of());
    }

    private void place(FoundDevice device) throws ArrayRefusedException {
        Superblock own = device.superblock();
        Superblock ref = reference.superblock();
        int role = ref.role(own.deviceNumber());
        boolean asFresh = own.events() == ref.events();
        if (asFresh && own.ownRole() == Roles.SPARE) {
            role = Roles.SPARE;
        } else if (asFresh && own.ownRole() != role) {
            throw FreshestDevice.splitArray(device, reference);
        }
        if (role == Roles.FAULTY || role == Roles.SPARE) {
            boolean spare = role == Roles.SPARE && own.ownRole() == Roles.SPARE;
            Standing standing = spare ? Standing.SPARE : role == Roles.FAULTY ? Standing.FAULTY : Standing.REMOVED;
            others.add(new Bystander(device, standing));
            return;
        }
        if (isStale(device, role == Roles.JOURNAL ? 1 + updatesWithoutJournal() : 1)) {
            others.add(new Bystander(device, Standing.STALE));
            return;
        }
        requireSameShape(device);
        if (role == Roles.JOURNAL) {
            placeJournal(device);
        } else if (role < slots.length) {
            placeMember(device, role);
        } else {
            throw new ArrayRefusedException(
                    Reason.CORRUPT,
                    device.name() + ": is given role " + role + " in an array of " + slots.length + " slots");
        }
    }

    private void placeJournal(FoundDevice device) throws ArrayRefusedException {
        if (!device.superblock().hasFeature(Features.JOURNAL)) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, device.name() + ": is a journal, but its superblock lacks the journal feature");
        }
        if (journal != null) {
            throw DeviceIdentities.duplicate(device, journal, "both claim to be the journal");
        }
        journal = device;
    }

    private void placeMember(FoundDevice device, int slot) throws ArrayRefusedException {
        ArrayLimits.checkMember(device, reference.superblock().usedSectors());
        boolean replacement = device.superblock().hasFeature(Features.REPLACEMENT)
                && device.superblock().ownRole() == slot;
        boolean whole = device.superblock()
                .recoveryPosition(slot, reference.superblock().usedSectors())
                .isInSync();
        if (replacement) {
            claim(replacements, slot, device);
        } else if (whole) {
            claim(slots, slot, device);
        } else {
            claim(rebuilding, slot, device);
        }
    }

    private static void claim(@Nullable FoundDevice[] claimed, int slot, FoundDevice device)
            throws ArrayRefusedException {
        FoundDevice rival = claimed[slot];
        if (rival != null) {
            throw DeviceIdentities.duplicate(device, rival, "both claim slot " + slot);
        }
        claimed[slot] = device;
    }

    /** Decides which device has a slot if several are there for it; possible only when all devices are placed. */
    private void resolveSlotClaims() throws ArrayRefusedException {
        for (int slot = 0; slot < slots.length; slot++) {
            FoundDevice replacement = replacements[slot];
            if (replacement != null && slots[slot] != null) {
                others.add(new Bystander(replacement, Standing.REPLACEMENT));
            } else if (replacement != null) {
                // The member that it was to replace has failed, so the replacement has the slot.
                boolean whole = replacement
                        .superblock()
                        .recoveryPosition(slot, reference.superblock().usedSectors())
                        .isInSync();
                claim(whole ? slots : rebuilding, slot, replacement);
            }
            FoundDevice begun = rebuilding[slot];
            if (begun != null && slots[slot] == null) {
                others.add(new Bystander(begun, Standing.REBUILDING));
            } else if (begun != null && begun.superblock().ownRole() != slot) {
                // Power failed just before it became a replacement.
                others.add(new Bystander(begun, Standing.SPARE));
            } else if (begun != null) {
                claim(slots, slot, begun);
            }
        }
    }

    private int updatesWithoutJournal() {
        int updates = reference.superblock().resyncOffset().isDirty() ? 1 : 0;
        for (int slot = 0; slot < slots.length; slot++) {
            updates += hasDevice(slot) ? 0 : 1;
        }
        return updates;
    }

    private boolean hasDevice(int slot) {
        Superblock ref = reference.superblock();
        for (int number = 0; number < ref.maxDev(); number++) {
            if (ref.role(number) == slot) {
                return true;
            }
        }
        return false;
    }

    private boolean isStale(FoundDevice device, int maxEventsBehind) {
        return reference.superblock().events() - device.superblock().events() > maxEventsBehind;
    }

    private void requireSameShape(FoundDevice device) throws ArrayRefusedException {
        String ours = shape(device.superblock());
        String theirs = shape(reference.superblock());
        if (!ours.equals(theirs)) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    device.name() + ": describes an array of " + ours + ", but " + reference.name() + " one of "
                            + theirs);
        }
    }

    static String shape(Superblock s) {
        return "level " + s.level() + ", layout " + s.layout() + ", chunk " + s.chunkSectors() / 2 + "K, "
                + s.raidDisks() + " slots";
    }
}
