package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.UpdateTimes;
import io.mdfuse.raid.superblock.store.DeviceRole;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The devices that an open array knows, members or not, and what each of them is to it in md's words. */
final class DeviceList {
    /** A device; the member that it is or was, null where it never was one while the array is open. */
    record Entry(FoundDevice found, @Nullable Member member) {
        int number() {
            return found.superblock().deviceNumber();
        }

        String name() {
            return found.name();
        }

        BlockDevice device() {
            return found.device();
        }
    }

    private final SuperblockStore store;
    private final List<Entry> entries;

    DeviceList(SuperblockStore store, List<Entry> entries) {
        this.store = store;
        this.entries = new CopyOnWriteArrayList<>(entries);
    }

    /**
     * The devices of an array that was just opened.
     *
     * @param journal the journal's device; null if the array has none
     */
    static DeviceList of(Assembly assembly, SuperblockStore store, MemberSet members, @Nullable FoundDevice journal) {
        List<FoundDevice> found = new ArrayList<>();
        assembly.slots().stream().filter(Objects::nonNull).forEach(found::add);
        if (journal != null) {
            found.add(journal);
        }
        // Verbs name a device by its number: an older device that has the number of one in use is not listed.
        Comparator<Assembly.Bystander> writtenFirst = Comparator.comparing(other -> !other.isWritten());
        assembly.others().stream().sorted(writtenFirst).forEach(other -> found.add(other.device()));
        List<Entry> entries = new ArrayList<>();
        Set<Integer> numbers = new HashSet<>();
        for (FoundDevice device : found) {
            int number = device.superblock().deviceNumber();
            if (numbers.add(number)) {
                entries.add(new Entry(device, members.byNumber(number)));
            }
        }
        return new DeviceList(store, entries);
    }

    void add(FoundDevice found) {
        entries.add(new Entry(found, null));
    }

    void remove(Entry entry) {
        entries.remove(entry);
    }

    /** Takes note that a device has become a member. */
    void joined(Entry spare, Member member) {
        int at = entries.indexOf(spare);
        entries.set(at, new Entry(spare.found(), member));
    }

    List<Entry> all() {
        return List.copyOf(entries);
    }

    /** What the superblocks say that the device is. */
    DeviceState stateOf(Entry entry) {
        DeviceRole deviceRole = store.state().roleOf(entry.number());
        if (deviceRole == null) {
            return DeviceState.REMOVED;
        }
        if (deviceRole.faulty()) {
            return DeviceState.FAULTY;
        }
        return switch (deviceRole.role()) {
            case Roles.JOURNAL -> DeviceState.JOURNAL;
            case Roles.SPARE -> DeviceState.SPARE;
            default -> deviceRole.replacement() ? DeviceState.REPLACEMENT : rebuiltOrNot(deviceRole);
        };
    }

    private static DeviceState rebuiltOrNot(DeviceRole deviceRole) {
        return deviceRole.recovery().isInSync() ? DeviceState.IN_SYNC : DeviceState.REBUILDING;
    }

    /** The device that a user means: by the name under which it was given, or by any path that leads to it. */
    @Nullable
    Entry named(String name) {
        for (Entry entry : entries) {
            if (entry.name().equals(name)) {
                return entry;
            }
        }
        for (Entry entry : entries) {
            if (isSame(entry.name(), name)) {
                return entry;
            }
        }
        return null;
    }

    private static boolean isSame(String one, String other) {
        try {
            Path first = Path.of(one);
            Path second = Path.of(other);
            return first.toAbsolutePath()
                            .normalize()
                            .equals(second.toAbsolutePath().normalize())
                    || DevicePaths.identityOf(first).equals(DevicePaths.identityOf(second));
        } catch (InvalidPathException | IOException e) {
            return false;
        }
    }

    /** Devices whose host has no room, {@code NAME since TIME}, separated by semicolons; {@code none} if all have. */
    private String withoutRoom() {
        List<String> full = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.device() instanceof HeldWritesDevice held) {
                held.outOfSpaceSince().ifPresent(since -> full.add(entry.name() + " since " + UpdateTimes.text(since)));
            }
        }
        return full.isEmpty() ? "none" : String.join("; ", full);
    }

    /** A line for each device, by its number: {@code STATE NAME}; and {@code host_full}. */
    void describe(Map<String, String> attributes) {
        attributes.put("host_full", withoutRoom());
        for (Entry entry : entries) {
            attributes.put("dev" + entry.number(), stateOf(entry).text() + " " + entry.name());
        }
    }
}
