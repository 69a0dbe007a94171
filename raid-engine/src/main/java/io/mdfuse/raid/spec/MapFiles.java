package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.LoopBacking;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the map of an image. Beside disk2.dd these names are looked for: disk2.dd and disk2, each with .map, .mapfile
 * or .log behind it; if the image is named by a symbolic link or a loop device, also beside the file that is meant. A
 * log counts only if it begins like a map. A file called .map or .mapfile that is none is refused, since an image whose
 * map is damaged must not be taken for complete. If the image was healed, the healed map ({@link HealedMap}) takes the
 * place of the map that it was made of.
 */
public final class MapFiles {
    private static final String ADVICE = "; if the image has no map, name it with ,map=none behind it";

    private MapFiles() {}

    /**
     * The map file of the image; empty if it has none.
     *
     * @throws DeviceOpenException if several files beside the image may be its map, or one of that name is no map,
     *     or a healed map was not made of the map that it has
     */
    public static Optional<Path> of(DeviceSpec spec) throws DeviceOpenException {
        Optional<Path> rescueMap = switch (spec.map()) {
            case MapChoice.None _ -> Optional.empty();
            case MapChoice.Given given -> Optional.of(given.file());
            case MapChoice.Beside _ -> spec.file().isPresent() ? besideImage(spec) : Optional.empty();
        };
        boolean absent = rescueMap.isPresent() && Files.notExists(rescueMap.get());
        if (spec.file().isEmpty() || spec.map() instanceof MapChoice.None || absent) {
            return rescueMap;
        }
        Path image = spec.file().get();
        Optional<Path> healed = HealedMapName.inForce(ImageNames.target(image), healedBeside(image), rescueMap);
        return healed.isPresent() ? healed : rescueMap;
    }

    /**
     * The map that a healing of {@code spec} would write, if it is or would count as the map of {@code other} too: one
     * map can't say of two images what was healed.
     *
     * @throws DeviceOpenException as {@link #of}
     */
    public static Optional<Path> healedForBoth(DeviceSpec spec, DeviceSpec other) throws DeviceOpenException {
        if (spec.file().isEmpty() || other.file().isEmpty()) {
            return Optional.empty();
        }
        Path healed = HealedMapName.of(ImageNames.target(spec.file().get()), of(spec));
        Path image = other.file().get();
        Set<Path> others = new LinkedHashSet<>(healedBeside(image));
        others.add(HealedMapName.of(ImageNames.target(image), of(other)));
        boolean both =
                others.stream().map(ImageNames::inRealDirectory).anyMatch(ImageNames.inRealDirectory(healed)::equals);
        return both ? Optional.of(healed) : Optional.empty();
    }

    /** The names that a healed map of the image may have. */
    private static Set<Path> healedBeside(Path image) {
        Set<Path> files = new LinkedHashSet<>();
        for (Path name : ImageNames.names(image)) {
            ImageNames.stems(name)
                    .forEach(stem ->
                            files.add(ImageNames.inRealDirectory(name.resolveSibling(stem + HealedMapName.ENDING))));
        }
        return files;
    }

    /** True if the map is one that a healing has written. */
    public static boolean isHealed(Path map) {
        return map.toString().endsWith(HealedMapName.ENDING);
    }

    /**
     * The map of the image.
     *
     * @throws DeviceOpenException also if the map can't be read
     */
    static Optional<RescueMap> read(DeviceSpec spec) throws DeviceOpenException {
        Optional<Path> file = of(spec);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RescueMap.read(file.get()));
        } catch (DeviceOpenException e) {
            if (spec.map() instanceof MapChoice.Given) {
                throw e;
            }
            throw new DeviceOpenException(spec.toString(), "beside it is " + e.getMessage() + ADVICE);
        }
    }

    /** A part of an image behind a loop device has other positions than the map, which must not be ignored. */
    private static Optional<Path> besideImage(DeviceSpec spec) throws DeviceOpenException {
        Path given = spec.file().orElseThrow();
        Optional<LoopBacking> loop = LoopBacking.of(given);
        if (loop.isPresent() && !loop.get().whole()) {
            DeviceSpec image = DeviceSpec.of(loop.get().file());
            Optional<RescueMap> map = read(image);
            if (map.isPresent() && !map.get().unreadable().isEmpty()) {
                throw new DeviceOpenException(
                        spec.toString(),
                        "is a part of " + image + ", of which not everything was read, as its map "
                                + of(image).orElseThrow() + " says: detach " + given
                                + " and give the image itself, or a range of it such as " + image + "@1M,2T");
            }
        }
        return beside(given);
    }

    private static Optional<Path> beside(Path image) throws DeviceOpenException {
        Map<Path, Path> found = new LinkedHashMap<>();
        for (Path name : ImageNames.names(image)) {
            for (String stem : ImageNames.stems(name)) {
                for (String ending : HealedMapName.RESCUE_ENDINGS) {
                    Path candidate = name.resolveSibling(stem + ending);
                    boolean there = Files.isRegularFile(candidate) && !candidate.equals(name);
                    if (there && (!ending.equals(".log") || RescueMap.beginsLikeOne(candidate))) {
                        found.putIfAbsent(ImageNames.inRealDirectory(candidate), candidate);
                    }
                }
            }
        }
        if (found.size() > 1) {
            throw new DeviceOpenException(
                    image.toString(),
                    "several files beside it may be its map: " + found.values()
                            + "; choose one with ,map=FILE behind it");
        }
        return found.values().stream().findFirst();
    }
}
