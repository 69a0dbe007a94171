package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceIdentity;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.MapChoice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Finds the devices of one array in a directory, by their superblocks. It looks at regular files and block devices and,
 * if these are whole disks, at their partitions; not into subdirectories. A device with several names in the directory,
 * as in /dev/disk/by-id, counts once: under the name that is not a symbolic link, else under the shortest name, else
 * under the first in alphabetical order.
 *
 * <p>A file without a superblock is skipped. A file whose superblock can't be used, or that another process uses, may
 * be a member of the array, and an array must not be opened without a member by accident. So {@link #only}, which takes
 * the whole directory for one array, throws the reason. {@link #named} and {@link #ofArray} skip such files, unless
 * they do not find the array.
 */
public final class DeviceSearch {
    private final FoundArrays arrays = new FoundArrays();
    private final List<IOException> obstacles = new ArrayList<>();
    private final FilesWithoutSuperblock filesWithoutSuperblock = new FilesWithoutSuperblock();

    private DeviceSearch() {}

    /**
     * The devices of the only array in {@code directory}, sorted by name. Arrays without parity do not count
     * beside one that has parity.
     *
     * @throws ArrayRefusedException FOREIGN if there are several arrays; if there is none, MISSING, or the reason of
     *     the first file that is recognised as something else
     * @throws IOException if a file with a superblock can't be used
     */
    public static ChosenDevices only(Path directory) throws IOException {
        DeviceSearch search = inspect(directory);
        if (!search.obstacles.isEmpty()) {
            throw search.obstacles.getFirst();
        }
        Optional<FoundArray> found = search.arrays.only(directory.toString());
        if (found.isEmpty()) {
            throw search.filesWithoutSuperblock.refusal(directory + " holds no file with an md superblock");
        }
        return search.arrays.chosen(found.get());
    }

    /**
     * The devices in {@code directory} of every array that can be served.
     *
     * @throws ArrayRefusedException MISSING if there is none
     */
    public static EveryArray every(Path directory) throws IOException {
        DeviceSearch search = inspect(directory);
        EveryArray every = search.arrays.every(search.obstacles);
        if (every.served().isEmpty()) {
            throw search.filesWithoutSuperblock.refusal(directory + " holds no array that is served"
                    + (search.arrays.isEmpty() ? "" : ": it holds " + search.arrays.list()));
        }
        return every;
    }

    /**
     * The devices in {@code directory} of the array with this UUID, sorted by name.
     *
     * @param uuid in mdadm's form
     * @throws ArrayRefusedException MISSING if there is none
     */
    public static ChosenDevices ofArray(Path directory, String uuid) throws IOException {
        DeviceSearch search = inspect(directory);
        return search.chosenOr(search.arrays.withUuid(uuid), directory, uuid);
    }

    /**
     * The devices in {@code directory} of the array with this name, sorted by name.
     *
     * @param name the array's name in its superblocks, with or without {@code host:} before it
     * @throws ArrayRefusedException FOREIGN if several arrays have that name, MISSING if there is none
     */
    public static ChosenDevices named(Path directory, String name) throws IOException {
        DeviceSearch search = inspect(directory);
        String advice = "choose one by its UUID, with --search " + directory;
        return search.chosenOr(search.arrays.named(name, directory.toString(), advice), directory, name);
    }

    /**
     * A line for each array of which devices are in {@code directory}: name, level, size, UUID, devices; then one for
     * each file that may be a member and can't be looked at.
     */
    public static List<String> lines(Path directory) throws IOException {
        DeviceSearch search = inspect(directory);
        if (search.arrays.isEmpty()) {
            throw search.obstacles.isEmpty()
                    ? search.filesWithoutSuperblock.refusal(directory + " holds no file with an md superblock")
                    : search.obstacles.getFirst();
        }
        List<String> lines = new ArrayList<>(search.arrays.lines());
        search.obstacles.forEach(obstacle -> lines.add("not looked at: " + obstacle.getMessage()));
        return lines;
    }

    /**
     * Passes on every member: the device itself, its partitions, or those of the files in a directory. What is no
     * member is left out.
     *
     * @param obstacles is given what may be a member and can't be looked at
     */
    public static void forEachMember(
            DeviceSpec device, BiConsumer<String, Superblock> members, Consumer<IOException> obstacles) {
        try {
            Optional<Path> directory = device.file().filter(Files::isDirectory);
            if (directory.isPresent()) {
                DeviceSearch search = inspect(directory.get());
                search.arrays.forEachMember(members);
                search.obstacles.forEach(obstacles);
            } else {
                InspectedDevice inspected = InspectedDevice.of(device);
                inspected.members().forEach(found -> members.accept(found.spec().toString(), found.superblock()));
                inspected.unusable().forEach(obstacles);
            }
        } catch (IOException e) {
            obstacles.accept(e);
        }
    }

    private ChosenDevices chosenOr(Optional<FoundArray> found, Path directory, String array) throws IOException {
        if (found.isPresent()) {
            return arrays.chosen(found.get());
        }
        String none = directory + " holds no device of the array " + array;
        if (!obstacles.isEmpty()) {
            IOException first = obstacles.getFirst();
            int others = obstacles.size() - 1;
            throw new IOException(
                    none + " that can be looked at; " + first.getMessage()
                            + (others == 0 ? "" : "; and so " + others + " more"),
                    first);
        }
        throw filesWithoutSuperblock.refusal(none + (arrays.isEmpty() ? "" : "; it holds " + arrays.list()));
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
            search.inspectFile(DeviceSpec.of(candidate));
        }
        search.filesWithoutSuperblock.findOverlong(search.arrays::add);
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
     * False for empty files, block devices without a medium, dead links, directories, pipes, sockets and character
     * devices. Opening one of these may block or have an effect, so they are not opened. /dev/stderr leads to a pipe or
     * a socket that no path names if the program runs in a pipeline or for systemd.
     */
    private static boolean mayBeDevice(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Files.size(path) > 0;
        }
        try {
            Path real = path.toRealPath();
            Path size = Path.of("/sys/class/block").resolve(real.getFileName()).resolve("size");
            return real.startsWith("/dev") && !Files.readString(size).strip().equals("0");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void inspectFile(DeviceSpec device) {
        try {
            InspectedDevice inspected = InspectedDevice.of(device);
            inspected.members().forEach(arrays::add);
            obstacles.addAll(inspected.unusable());
            if (inspected.members().isEmpty() && inspected.unusable().isEmpty()) {
                filesWithoutSuperblock.add(device);
            }
        } catch (IOException e) {
            if (!(e instanceof DeviceOpenException) || !isBesideAnImage(device)) {
                obstacles.add(e);
            }
        }
    }

    /** Whether it is no device but a file such as disk2.md5 or disk2.map, which the map of disk2.dd does not fit. */
    private static boolean isBesideAnImage(DeviceSpec file) {
        try {
            InspectedDevice plain = InspectedDevice.of(file.withMap(new MapChoice.None()));
            return plain.members().isEmpty() && plain.unusable().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
