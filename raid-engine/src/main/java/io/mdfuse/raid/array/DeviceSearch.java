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
 * Finds the devices of one array in a directory, by their superblocks. It looks at regular files and block devices, and
 * not into subdirectories. A device with several names in the directory, as in /dev/disk/by-id, counts once: under the
 * name that is not a symbolic link, else under the shortest name, else under the first in alphabetical order.
 *
 * <p>A file without a superblock is skipped. A file whose superblock can't be used, or that another process uses, may
 * be a member of the array, and an array must not be opened without a member by accident. So {@link #only}, which takes
 * the whole directory for one array, throws the reason. {@link #named} and {@link #ofArray} skip such files, unless
 * they do not find the array.
 */
public final class DeviceSearch {
    private final Map<String, FoundArray> arraysByUuid = new TreeMap<>();
    private final List<IOException> obstacles = new ArrayList<>();
    private final FilesWithoutSuperblock filesWithoutSuperblock = new FilesWithoutSuperblock();

    private DeviceSearch() {}

    /**
     * The devices of the only array in {@code directory}, sorted by name.
     *
     * @throws ArrayRefusedException FOREIGN if there are several arrays; if there is none, MISSING, or the reason of
     *     the first file that is recognised as something else
     * @throws IOException if a file with a superblock can't be used
     */
    public static List<Path> only(Path directory) throws IOException {
        DeviceSearch search = inspect(directory);
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
            throw search.filesWithoutSuperblock.refusal(directory + " holds no file with an md superblock");
        }
        return search.arraysByUuid.values().iterator().next().devices();
    }

    /**
     * The devices in {@code directory} of the array with this UUID, sorted by name.
     *
     * @param uuid in mdadm's form
     * @throws ArrayRefusedException MISSING if there is none
     */
    public static List<Path> ofArray(Path directory, String uuid) throws IOException {
        DeviceSearch search = inspect(directory);
        FoundArray found = search.arraysByUuid.get(uuid);
        if (found != null) {
            return found.devices();
        }
        throw search.noneOf(directory, uuid);
    }

    /**
     * The devices in {@code directory} of the array with this name, sorted by name.
     *
     * @param name the array's name in its superblocks, with or without {@code host:} before it
     *
     * @throws ArrayRefusedException FOREIGN if several arrays have that name, MISSING if there is none
     */
    public static List<Path> named(Path directory, String name) throws IOException {
        DeviceSearch search = inspect(directory);
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
        return filesWithoutSuperblock.refusal(directory + " holds no device of the array " + array
                + (arraysByUuid.isEmpty() ? "" : "; it holds " + list(arraysByUuid.values())));
    }

    private static String list(Collection<FoundArray> arrays) {
        return arrays.stream().map(FoundArray::describe).collect(Collectors.joining("; "));
    }

    private static DeviceSearch inspect(Path directory) throws IOException {
        DeviceSearch search = new DeviceSearch();
        List<Path> candidates = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, DeviceSearch::mayBeDevice)) {
            entries.forEach(candidates::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path candidate : search.onePathPerDevice(candidates)) {
            search.inspectFile(candidate);
        }
        search.filesWithoutSuperblock.findOverlong(search::add);
        return search;
    }

    /** One path for each device, sorted by name. A path that can't be inspected is an obstacle. */
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
     * False for empty files, dead links, directories, pipes and character devices. Opening one of the last two may
     * block or have an effect, so they are not opened.
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

    private void inspectFile(Path path) throws IOException {
        try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
            SuperblockLocator.find(device)
                    .ifPresentOrElse(superblock -> add(path, superblock), () -> filesWithoutSuperblock.add(path));
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
