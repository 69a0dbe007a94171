package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.DeviceIdentity;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds the devices of one array in a directory, by their superblocks: regular files and block nodes, those in
 * directories below it not. A device that has several names there, as in /dev/disk/by-id, counts once: under the name
 * that is no symbolic link, else under the shortest, else under the first in the order of names.
 *
 * <p>What has no superblock is passed over. What has one that cannot be used, or is used by somebody else, stops the
 * search with the reason as long as the whole directory is taken for one array: it may well be a member of it, and an
 * array must not be opened without a member by accident. If the array is named by its UUID or its name, such files are
 * passed over as strangers unless nothing else is found.
 */
public final class DeviceSearch {
    private final Map<String, FoundArray> arraysByUuid = new TreeMap<>();
    private final List<IOException> obstacles = new ArrayList<>();
    private final Strangers strangers = new Strangers();

    private DeviceSearch() {}

    /** The devices of the only array in {@code directory}, by name. */
    public static List<Path> only(Path directory) throws IOException {
        DeviceSearch search = look(directory);
        if (!search.obstacles.isEmpty()) {
            throw search.obstacles.getFirst();
        }
        if (search.arraysByUuid.size() > 1) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    directory + " holds devices of several arrays; choose one with --name NAME: "
                            + list(search.arraysByUuid.values()));
        }
        if (search.arraysByUuid.isEmpty()) {
            throw search.strangers.refusal(directory + " holds no file with an md superblock");
        }
        return search.arraysByUuid.values().iterator().next().devices();
    }

    /** The devices of the array {@code uuid}, as mdadm writes it, in {@code directory}, by name. */
    public static List<Path> ofArray(Path directory, String uuid) throws IOException {
        DeviceSearch search = look(directory);
        FoundArray found = search.arraysByUuid.get(uuid);
        if (found != null) {
            return found.devices();
        }
        throw search.noneOf(directory, uuid);
    }

    /**
     * The devices of the array that is called {@code name} in {@code directory}: the name that its superblocks say,
     * with the host's name before it or without.
     *
     * @throws ArrayRefusedException FOREIGN if several arrays have that name, MISSING if none has
     */
    public static List<Path> named(Path directory, String name) throws IOException {
        DeviceSearch search = look(directory);
        List<FoundArray> found = search.arraysByUuid.values().stream()
                .filter(array -> array.isCalled(name))
                .toList();
        if (found.size() > 1) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    directory + " holds several arrays called " + name + "; choose one by its UUID, with --search "
                            + directory + ": " + list(found));
        }
        if (found.isEmpty()) {
            throw search.noneOf(directory, name);
        }
        return found.getFirst().devices();
    }

    private IOException noneOf(Path directory, String array) throws IOException {
        if (!obstacles.isEmpty()) {
            return obstacles.getFirst();
        }
        return strangers.refusal(directory + " holds no device of the array " + array
                + (arraysByUuid.isEmpty() ? "" : "; it holds " + list(arraysByUuid.values())));
    }

    private static String list(Collection<FoundArray> arrays) {
        return arrays.stream().map(FoundArray::describe).collect(Collectors.joining("; "));
    }

    private static DeviceSearch look(Path directory) throws IOException {
        DeviceSearch search = new DeviceSearch();
        List<Path> candidates = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, DeviceSearch::mayBeDevice)) {
            entries.forEach(candidates::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path candidate : search.onePathPerDevice(candidates)) {
            search.lookAt(candidate);
        }
        search.strangers.overlong(search::add);
        return search;
    }

    /** One path for each device, in the order of names. A path that can't be looked up is an obstacle. */
    private List<Path> onePathPerDevice(List<Path> paths) {
        Comparator<Path> preferredFirst = Comparator.comparing((Path path) -> Files.isSymbolicLink(path))
                .thenComparing(path -> path.toString().length())
                .thenComparing(Comparator.naturalOrder());
        Set<DeviceIdentity> seen = new HashSet<>();
        List<Path> chosen = new ArrayList<>();
        for (Path path : paths.stream().sorted(preferredFirst).toList()) {
            try {
                if (seen.add(DevicePaths.identityOf(path))) {
                    chosen.add(path);
                }
            } catch (DeviceOpenException e) {
                obstacles.add(e);
            }
        }
        chosen.sort(null);
        return chosen;
    }

    /**
     * Empty files are no devices, nor are links that lead nowhere; directories, pipes and the like could not even be
     * opened without harm.
     */
    private static boolean mayBeDevice(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Files.size(path) > 0;
        }
        return Files.exists(path)
                && Files.exists(
                        Path.of("/sys/class/block").resolve(path.toRealPath().getFileName()))
                && path.toRealPath().startsWith("/dev");
    }

    private void lookAt(Path path) throws IOException {
        try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
            SuperblockLocator.find(device)
                    .ifPresentOrElse(superblock -> add(path, superblock), () -> strangers.add(path));
        } catch (DeviceOpenException | ArrayRefusedException e) {
            obstacles.add(e);
        }
    }

    private void add(Path path, Superblock superblock) {
        arraysByUuid
                .computeIfAbsent(superblock.setUuidText(), uuid -> new FoundArray())
                .add(path, superblock);
    }
}
