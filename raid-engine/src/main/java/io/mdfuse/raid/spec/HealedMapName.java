package io.mdfuse.raid.spec;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceOpenException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which healed map of an image is in force. {@link HealedMap} writes it beside the rescue program's map, whose name
 * ends with .map, .mapfile or .log, with .healed.map in the place of that ending; an image without a map gets one with
 * .healed.map behind its own name. A comment says of what it was made:
 *
 * <pre>
 *   # made of the map SHA256     of this map: what it calls unreadable, and its size
 *   # made of no map             the image had none, and was cut short
 * </pre>
 *
 * If the rescue program's map says something else than it did then, neither is taken: the rescue may have gone on with
 * the old map, or the image may be another one.
 */
final class HealedMapName {
    /** How the map of a rescue program may end. */
    static final List<String> RESCUE_ENDINGS = List.of(".map", ".mapfile", ".log");

    static final String ENDING = ".healed.map";
    static final String NO_MAP = "no map";

    private static final String MADE_OF = "# made of ";
    private static final int MOST_COMMENTS = 20;

    private HealedMapName() {}

    /** The name of the healed map of an image. */
    static Path of(Path image, Optional<Path> rescueMap) {
        Path base = rescueMap.orElse(image);
        String name = String.valueOf(base.getFileName());
        if (rescueMap.isPresent() && name.endsWith(ENDING)) {
            return base;
        }
        for (String ending : rescueMap.isPresent() ? RESCUE_ENDINGS : List.<String>of()) {
            if (name.endsWith(ending)) {
                return base.resolveSibling(name.substring(0, name.length() - ending.length()) + ENDING);
            }
        }
        return base.resolveSibling(name + ENDING);
    }

    /**
     * The healed map that takes the place of the rescue program's; empty if there is none.
     *
     * @param beside the names that a healed map of the image may have
     * @throws DeviceOpenException if there is one, and it was not made of this map
     */
    static Optional<Path> inForce(Path image, Set<Path> beside, Optional<Path> rescueMap) throws DeviceOpenException {
        Set<Path> found = new LinkedHashSet<>(beside);
        found.add(ImageNames.inRealDirectory(of(image, rescueMap)));
        rescueMap.map(ImageNames::inRealDirectory).ifPresent(found::remove);
        found.removeIf(file -> !Files.isRegularFile(file));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String expected = rescueMap.isPresent() ? madeOf(RescueMap.read(rescueMap.get())) : NO_MAP;
        for (Path healed : found) {
            if (found.size() > 1 || !source(healed).equals(Optional.of(expected))) {
                throw new DeviceOpenException(
                        image.toString(),
                        "beside it is " + healed + ", which was not made of "
                                + rescueMap
                                        .map(map -> "the map " + map + " as it is now")
                                        .orElse("an image without a map")
                                + ": if it is right, name it with ,map=" + healed + " behind the image; if not, remove"
                                + " it");
            }
        }
        return found.stream().findFirst();
    }

    /** Of what the healed map says it was made; empty if it says nothing, as if a rescue program has written it. */
    static Optional<String> source(Path healed) throws DeviceOpenException {
        try (var lines = Files.lines(healed, StandardCharsets.ISO_8859_1)) {
            return lines.limit(MOST_COMMENTS)
                    .filter(line -> line.startsWith(MADE_OF))
                    .map(line -> line.substring(MADE_OF.length()))
                    .findFirst();
        } catch (IOException e) {
            throw new DeviceOpenException(healed.toString(), "the map can't be read: " + e.getMessage());
        }
    }

    /** What the comment of a map says that is made of this one. */
    static String madeOf(RescueMap map) {
        StringBuilder text = new StringBuilder().append(map.sizeBytes());
        for (ByteRanges.Range range : map.unreadable().list()) {
            text.append(' ').append(range.startBytes()).append('-').append(range.endBytes());
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.US_ASCII));
            return "the map " + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The comment that {@link #source} finds. */
    static String comment(String source) {
        return MADE_OF + source;
    }
}
