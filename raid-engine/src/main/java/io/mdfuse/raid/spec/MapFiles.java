package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the map of an image. Beside disk2.dd these names are looked for: disk2.dd and disk2, each with .map, .mapfile
 * or .log behind it. A log counts only if it begins like a map. A file called .map or .mapfile that is none is refused,
 * since an image whose map is damaged must not be taken for complete. If the image was healed, the healed map ({@link
 * HealedMap}) takes the place of the map that it was made of.
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
            case MapChoice.Beside _ ->
                spec.file().isPresent() ? beside(spec.file().get()) : Optional.empty();
        };
        boolean absent = rescueMap.isPresent() && Files.notExists(rescueMap.get());
        if (spec.file().isEmpty() || spec.map() instanceof MapChoice.None || absent) {
            return rescueMap;
        }
        Path image = spec.file().get();
        Optional<Path> healed = HealedMapName.inForce(image, stems(image), rescueMap);
        return healed.isPresent() ? healed : rescueMap;
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

    /** The names by which the maps of an image are called, before their endings. */
    private static Set<String> stems(Path image) {
        Path own = image.getFileName();
        Set<String> stems = new LinkedHashSet<>();
        if (own != null && Files.isRegularFile(image)) {
            stems.add(own.toString());
            int dot = own.toString().lastIndexOf('.');
            if (dot > 0) {
                stems.add(own.toString().substring(0, dot));
            }
        }
        return stems;
    }

    private static Optional<Path> beside(Path image) throws DeviceOpenException {
        Set<String> stems = stems(image);
        Set<Path> found = new LinkedHashSet<>();
        for (String stem : stems) {
            for (String ending : HealedMapName.RESCUE_ENDINGS) {
                Path candidate = image.resolveSibling(stem + ending);
                boolean there = Files.isRegularFile(candidate) && !candidate.equals(image);
                if (there && (!ending.equals(".log") || RescueMap.beginsLikeOne(candidate))) {
                    found.add(candidate);
                }
            }
        }
        if (found.size() > 1) {
            throw new DeviceOpenException(
                    image.toString(),
                    "several files beside it may be its map: " + found + "; choose one with ,map=FILE behind it");
        }
        return found.stream().findFirst();
    }
}
