package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.spec.DeviceSource;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.UpdateTimes;
import io.mdfuse.raid.superblock.store.DeviceRole;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
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

/**
 * The devices that an open array knows, members or not, and the state of each.
 *
 * <p>Thread-safe. Changed only with the lock of {@link MemberManager} held.
 */
final class DeviceList {
    /**
     * A device of the array.
     *
     * @param member the member that the device is or was; null if it was none since the array was opened
     */
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
        // Superblocks name a device by its number: an older device with the number of one that is in use is not listed.
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

    /** Called when a spare has become a member. */
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

    /** The device with this name, or to which this path leads; null if the array has none. */
    @Nullable
    Entry named(String given) {
        String name = DeviceSpec.shown(given);
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
            DeviceSpec first = DeviceSpec.parse(one);
            DeviceSpec second = DeviceSpec.parse(other);
            return first.part().equals(second.part()) && isSame(first.source(), second.source());
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isSame(DeviceSource one, DeviceSource other) throws IOException {
        if (one instanceof DeviceSource.OfFile first && other instanceof DeviceSource.OfFile second) {
            return isSameFile(first.file(), second.file());
        }
        return one.equals(other);
    }

    private static boolean isSameFile(Path one, Path other) throws IOException {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize())
                || DevicePaths.identityOf(one).equals(DevicePaths.identityOf(other));
    }

    /** The devices whose host has no space: {@code NAME since TIME}, separated by semicolons; {@code none} if none. */
    private String withoutHostSpace() {
        List<String> full = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.device() instanceof HeldWritesDevice held) {
                held.outOfSpaceSince().ifPresent(since -> full.add(entry.name() + " since " + UpdateTimes.text(since)));
            }
        }
        return full.isEmpty() ? "none" : String.join("; ", full);
    }

    /** The slot that the superblocks give the device; {@link DeviceState#NO_SLOT} if they give it none. */
    private int slotOf(Entry entry) {
        DeviceRole deviceRole = store.state().roleOf(entry.number());
        if (deviceRole == null || deviceRole.faulty() || !Roles.isSlot(deviceRole.role())) {
            return DeviceState.NO_SLOT;
        }
        return deviceRole.role();
    }

    /**
     * Adds for each device the attributes {@code devN} = {@code STATE NAME} and {@code devN_slot}, and {@code
     * host_full}.
     */
    void describe(Map<String, String> attributes) {
        attributes.put("host_full", withoutHostSpace());
        for (Entry entry : entries) {
            DeviceState state = stateOf(entry);
            attributes.put("dev" + entry.number(), state.text() + " " + entry.name());
            attributes.put("dev" + entry.number() + "_slot", state.slotText(slotOf(entry)));
        }
    }
}
