package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds the devices of one array in a directory, by their superblocks: regular files and block nodes, those in
 * directories below it not.
 *
 * <p>What has no superblock is passed over. What has one that cannot be used, or is used by somebody else, stops the
 * search with the reason as long as the whole directory is taken for one array: it may well be a member of it,
 * and an array must not be opened without a member by accident. Where the array is named by its UUID, such files are
 * passed over as strangers unless nothing else is found.
 */
public final class DeviceSearch {
    private final Map<String, List<Path>> devicesByUuid = new TreeMap<>();
    private final List<IOException> obstacles = new ArrayList<>();

    private DeviceSearch() {}

    /** The devices of the only array in {@code directory}, by name. */
    public static List<Path> only(Path directory) throws IOException {
        DeviceSearch search = look(directory);
        if (!search.obstacles.isEmpty()) {
            throw search.obstacles.getFirst();
        }
        if (search.devicesByUuid.size() > 1) {
            throw new ArrayRefusedException(
                    Reason.FOREIGN,
                    directory + " holds devices of several arrays; name one of them and --search " + directory + ": "
                            + String.join(" ", search.devicesByUuid.keySet()));
        }
        return search.devicesByUuid.values().stream()
                .findFirst()
                .orElseThrow(() ->
                        new ArrayRefusedException(Reason.MISSING, directory + " holds no file with an md superblock"));
    }

    /** The devices of the array {@code uuid}, as mdadm writes it, in {@code directory}, by name. */
    public static List<Path> ofArray(Path directory, String uuid) throws IOException {
        DeviceSearch search = look(directory);
        List<Path> devices = search.devicesByUuid.get(uuid);
        if (devices != null) {
            return devices;
        }
        if (!search.obstacles.isEmpty()) {
            throw search.obstacles.getFirst();
        }
        throw new ArrayRefusedException(Reason.MISSING, directory + " holds no device of the array " + uuid);
    }

    private static DeviceSearch look(Path directory) throws IOException {
        DeviceSearch search = new DeviceSearch();
        List<Path> candidates = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, DeviceSearch::mayBeDevice)) {
            entries.forEach(candidates::add);
        }
        candidates.sort(null);
        for (Path candidate : candidates) {
            search.lookAt(candidate);
        }
        return search;
    }

    /** Empty files are no devices; directories, pipes and the like could not even be opened without harm. */
    private static boolean mayBeDevice(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Files.size(path) > 0;
        }
        return Files.exists(
                        Path.of("/sys/class/block").resolve(path.toRealPath().getFileName()))
                && path.toRealPath().startsWith("/dev");
    }

    private void lookAt(Path path) throws IOException {
        try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
            Optional<String> uuid = SuperblockLocator.find(device).map(superblock -> superblock.setUuidText());
            uuid.ifPresent(text -> devicesByUuid
                    .computeIfAbsent(text, key -> new ArrayList<>())
                    .add(path));
        } catch (DeviceOpenException | ArrayRefusedException e) {
            obstacles.add(e);
        }
    }
}
