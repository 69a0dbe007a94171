package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.superblock.Roles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The devices of an array that is being created. They are numbered as by mdadm: the number of a member is its slot, the
 * number of a slot without a device stays unused, and the journal and then the spares follow after the last slot.
 *
 * @param slots the device of each slot; empty if the slot starts without a device (mdadm: {@code missing})
 * @param spares the devices without a slot
 * @param journal the journal device; null for none
 */
public record NewDevices(
        List<Optional<BlockDevice>> slots,
        List<BlockDevice> spares,
        @Nullable BlockDevice journal) {
    /**
     * One device that gets a superblock.
     *
     * @param number its index in the role table
     * @param role its value there: a slot, {@link Roles#SPARE} or {@link Roles#JOURNAL}
     */
    record NewDevice(BlockDevice device, int number, int role) {
        boolean isJournal() {
            return role == Roles.JOURNAL;
        }
    }

    public NewDevices {
        slots = List.copyOf(slots);
        spares = List.copyOf(spares);
    }

    /** Devices for every slot, and no spares. */
    static NewDevices complete(List<BlockDevice> members, @Nullable BlockDevice journal) {
        return new NewDevices(members.stream().map(Optional::of).toList(), List.of(), journal);
    }

    /** All devices: the members in slot order, the journal, the spares. */
    List<NewDevice> all() {
        List<NewDevice> all = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot).isPresent()) {
                all.add(new NewDevice(slots.get(slot).get(), slot, slot));
            }
        }
        int number = slots.size();
        if (journal != null) {
            all.add(new NewDevice(journal, number++, Roles.JOURNAL));
        }
        for (BlockDevice spare : spares) {
            all.add(new NewDevice(spare, number++, Roles.SPARE));
        }
        return all;
    }

    /** The slots that start without a device, in ascending order. */
    List<Integer> missingSlots() {
        List<Integer> missing = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot).isEmpty()) {
                missing.add(slot);
            }
        }
        return missing;
    }

    /**
     * The same devices, but the last member is a spare and its slot has no device. A rebuild onto that spare then makes
     * all parity correct; a resync can't, because a member is missing. mdadm 4.2 (Create.c) does the same.
     */
    NewDevices withLastMemberAsSpare() {
        List<Optional<BlockDevice>> fewer = new ArrayList<>(slots);
        List<BlockDevice> more = new ArrayList<>(spares);
        for (int slot = slots.size() - 1; slot >= 0; slot--) {
            Optional<BlockDevice> member = fewer.set(slot, Optional.empty());
            if (member.isPresent()) {
                more.addFirst(member.get());
                break;
            }
        }
        return new NewDevices(fewer, more, journal);
    }
}
