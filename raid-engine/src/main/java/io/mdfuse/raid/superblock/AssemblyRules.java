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
 * The rules by which {@link Assembly} sorts devices. They are md's, made stricter where md would guess:
 *
 * <ol>
 *   <li>All devices carry the array UUID that most of them carry; another one is foreign.
 *   <li>Of devices with the same device UUID (metadata 0.90: the same device number) the one with the most events
 *       counts. Those two or more events behind it are stale: an older copy, or a failed disk beside its replacement.
 *       Others are refused.
 *   <li>The freshest device, by event count and spares aside, is the reference ({@link FreshestDevice}). What it says
 *       of the array must be something that we serve ({@link ArrayLimits}).
 *   <li>Each device's role is the one that the reference gives to its device number. A device that is as fresh as
 *       the reference and claims a different role for itself is refused, since two halves of the array went their
 *       own ways; but where it calls itself a spare, it is one.
 *   <li>A device that has a slot or is the journal may lag the reference by one event (power went while superblocks
 *       were written). If it lags by more it is stale and takes no part, since its content is older than the array's.
 *       Only the journal may lag by one event more for each slot without a member, and one where the array is dirty:
 *       that is recorded even where the journal can't be written, and until the members say that it has failed it may
 *       hold what they lack.
 *   <li>Level, layout, chunk and number of slots match the reference's.
 *   <li>A slot, and the journal, is claimed at most once.
 *   <li>A member whose rebuild had not ended holds its slot's data only up to its recovery offset, and the slot counts
 *       as missing. One that does not yet know of its slot holds nothing.
 *   <li>A replacement stands beside the slot's member; where that is gone, the slot is its own.
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
        int raidDisks = reference.superblock().raidDisks();
        this.slots = new @Nullable FoundDevice[raidDisks];
        this.rebuilding = new @Nullable FoundDevice[raidDisks];
        this.replacements = new @Nullable FoundDevice[raidDisks];
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
        FreshestDevice.requireOneStory(distinct, freshest);
        ArrayLimits.check(freshest);
        AssemblyRules rules = new AssemblyRules(freshest);
        for (FoundDevice device : distinct) {
            rules.place(device);
        }
        superseded.stream().distinct().forEach(device -> rules.others.add(new Bystander(device, Standing.STALE)));
        rules.settleSlots();
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
            throw FreshestDevice.twoHalves(device, reference);
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

    /** Who has a slot, where several devices are there for it; known once all are placed. */
    private void settleSlots() throws ArrayRefusedException {
        for (int slot = 0; slot < slots.length; slot++) {
            FoundDevice replacement = replacements[slot];
            if (replacement != null && slots[slot] != null) {
                others.add(new Bystander(replacement, Standing.REPLACEMENT));
            } else if (replacement != null) {
                // The member that it was to replace has failed: the slot is its own.
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
                // It was only about to become a replacement when power went.
                others.add(new Bystander(begun, Standing.SPARE));
            } else if (begun != null) {
                claim(slots, slot, begun);
            }
        }
    }

    private int updatesWithoutJournal() {
        int updates = reference.superblock().resyncOffset().isDirty() ? 1 : 0;
        for (int slot = 0; slot < slots.length; slot++) {
            updates += isGiven(slot) ? 0 : 1;
        }
        return updates;
    }

    private boolean isGiven(int slot) {
        Superblock ref = reference.superblock();
        for (int number = 0; number < ref.maxDev(); number++) {
            if (ref.role(number) == slot) {
                return true;
            }
        }
        return false;
    }

    private boolean isStale(FoundDevice device, int mostEvents) {
        return reference.superblock().events() - device.superblock().events() > mostEvents;
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
