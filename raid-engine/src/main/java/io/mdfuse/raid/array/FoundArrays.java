package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The arrays that a search found, and the choice of one of them. */
final class FoundArrays {
    private final Map<String, FoundArray> byUuid = new TreeMap<>();

    void add(InspectedDevice.Found found) {
        byUuid.computeIfAbsent(found.superblock().setUuidText(), _ -> new FoundArray())
                .add(found.spec(), found.superblock());
    }

    /** Passes on the device and the superblock of every member, by array. */
    void forEachMember(BiConsumer<String, Superblock> members) {
        byUuid.values().forEach(array -> array.forEachMember(members));
    }

    boolean isEmpty() {
        return byUuid.isEmpty();
    }

    Optional<FoundArray> withUuid(String uuid) {
        return Optional.ofNullable(byUuid.get(uuid));
    }

    /**
     * The only array. Arrays without parity, such as the RAID-1 of a NAS's system, do not count beside one that has
     * parity.
     *
     * @param where what was searched
     * @throws ArrayRefusedException FOREIGN if there are several
     */
    Optional<FoundArray> only(String where) throws ArrayRefusedException {
        List<FoundArray> withParity =
                byUuid.values().stream().filter(FoundArray::hasParity).toList();
        Collection<FoundArray> candidates = withParity.isEmpty() ? byUuid.values() : withParity;
        if (candidates.size() > 1) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    where + " holds devices of several arrays; choose one with --name NAME: " + list(byUuid.values()));
        }
        return candidates.stream().findFirst();
    }

    /**
     * The array with this name or UUID.
     *
     * @param advice how to choose one of several with the same name
     * @throws ArrayRefusedException FOREIGN if there are several
     */
    Optional<FoundArray> named(String name, String where, String advice) throws ArrayRefusedException {
        List<FoundArray> found =
                byUuid.values().stream().filter(array -> array.isCalled(name)).toList();
        if (found.size() > 1) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    where + " holds several arrays called " + name + "; " + advice + ": " + list(found));
        }
        return found.stream().findFirst();
    }

    /**
     * All of them.
     *
     * @param obstacles why devices can't be looked at
     */
    EveryArray every(List<IOException> obstacles) {
        List<FoundArray> inOrder = byUuid.values().stream()
                .sorted(Comparator.comparing(FoundArray::describe))
                .toList();
        List<String> notes = new ArrayList<>();
        inOrder.stream()
                .filter(Predicate.not(FoundArray::isServed))
                .forEach(array -> notes.add("there, but not served: " + array.describe()));
        obstacles.forEach(obstacle -> notes.add("not looked at: " + obstacle.getMessage()));
        return new EveryArray(
                inOrder.stream()
                        .filter(FoundArray::isServed)
                        .map(array -> new EveryArray.Devices(array.describe(), array.devices()))
                        .toList(),
                List.copyOf(notes));
    }

    /** A line for each array. */
    List<String> lines() {
        return byUuid.values().stream().map(FoundArray::describe).toList();
    }

    String list() {
        return list(byUuid.values());
    }

    private static String list(Collection<FoundArray> arrays) {
        return arrays.stream().map(FoundArray::describe).collect(Collectors.joining("; "));
    }

    /** The devices of the chosen array; the notes say if they are partitions, and which arrays are there besides. */
    ChosenDevices chosen(FoundArray array) {
        List<String> notes = new ArrayList<>();
        if (array.devices().stream().anyMatch(Predicate.not(device -> device.isWhole()))) {
            notes.add("found " + array.describe());
        }
        List<FoundArray> others =
                byUuid.values().stream().filter(other -> other != array).toList();
        if (!others.isEmpty()) {
            notes.add("there, but not meant: " + list(others));
        }
        return new ChosenDevices(array.devices(), notes);
    }
}
