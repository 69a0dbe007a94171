package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.nbd.NbdUri;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device as a user names it: an image file, a block device, an export of an NBD server, or a part of one.
 *
 * <pre>
 *   PATH                   all of it; a file whose name has an @ in it is meant if it exists
 *   nbd://HOST:PORT/EXPORT an export of a server, also nbds:// (TLS), nbd+unix:///EXPORT?socket=PATH, nbds+unix://
 *   …@NUMBER               a partition, by its number in the partition table
 *   …@OFFSET,LENGTH        a range of bytes, such as disk.dd@5000M,2T
 *   …,map=FILE             with the map of what was not read when the image was made; without it one beside the image
 *                          is looked for; map=none: there is none
 * </pre>
 *
 * @param source the file, block device or export
 * @param map the map of the file, not of the part
 */
public record DeviceSpec(DeviceSource source, DevicePart part, MapChoice map) {
    private static final Pattern PARTITION = Pattern.compile("[0-9]{1,4}");
    private static final Pattern EXTENT = Pattern.compile("([0-9][^,]*),([0-9][^,]*)");
    private static final DevicePart WHOLE = new DevicePart.Whole();
    private static final MapChoice BESIDE = new MapChoice.Beside();
    private static final String MAP = ",map=";

    /** All of a file or block device. */
    public static DeviceSpec of(Path file) {
        return new DeviceSpec(new DeviceSource.OfFile(file), WHOLE, BESIDE);
    }

    /**
     * Reads what a user wrote. If the text is the path of an existing file, or if what precedes its last @ is no file,
     * the text is a path.
     *
     * @throws DeviceOpenException if the text can't be a specification; one line says what is wrong
     */
    public static DeviceSpec parse(String text) throws DeviceOpenException {
        if (DeviceSource.OfServer.isMeantBy(text)) {
            return ofServer(DeviceSource.OfServer.normal(text));
        }
        Path whole = path(text, text);
        if (Files.exists(whole)) {
            return of(whole);
        }
        OtherAddress.refuse(text);
        int map = text.lastIndexOf(MAP);
        if (map > 0) {
            return parse(text.substring(0, map)).withOnlyMap(text, map(text, text.substring(map + MAP.length())));
        }
        int at = text.lastIndexOf('@');
        if (at <= 0) {
            return of(whole);
        }
        String name = text.substring(0, at);
        String part = text.substring(at + 1);
        Path file = path(text, name);
        if (!Files.exists(file) || Files.isDirectory(file)) {
            return of(whole);
        }
        Matcher extent = EXTENT.matcher(part);
        if (PARTITION.matcher(part).matches() && Integer.parseInt(part) > 0) {
            return of(file).partition(Integer.parseInt(part));
        }
        if (extent.matches()) {
            return of(file).withPart(extent(text, extent.group(1), extent.group(2)));
        }
        throw new DeviceOpenException(
                text,
                "does not exist, and of " + name + " the part " + (part.isEmpty() ? "behind @" : part)
                        + " is neither the number of a partition (" + name + "@5) nor OFFSET,LENGTH (" + name
                        + "@5000M,2T)");
    }

    /** What a user wrote for a device, right or wrong, as messages show it: a URI without its password. */
    public static String shown(String text) {
        return NbdUri.withoutPassword(DeviceSource.OfServer.normal(text));
    }

    /** A URI may have an @ in it, too: only what looks like a part is one. */
    private static DeviceSpec ofServer(String text) throws DeviceOpenException {
        int map = text.lastIndexOf(MAP);
        if (map > 0) {
            return ofServer(text.substring(0, map)).withOnlyMap(text, map(text, text.substring(map + MAP.length())));
        }
        int at = text.lastIndexOf('@');
        String part = text.substring(at + 1);
        Matcher extent = EXTENT.matcher(part);
        boolean numbered = PARTITION.matcher(part).matches() && Integer.parseInt(part) > 0;
        if (at < 0 || (!numbered && !extent.matches())) {
            return new DeviceSpec(DeviceSource.OfServer.parse(text), WHOLE, BESIDE);
        }
        DeviceSpec whole = new DeviceSpec(DeviceSource.OfServer.parse(text.substring(0, at)), WHOLE, BESIDE);
        return numbered
                ? whole.partition(Integer.parseInt(part))
                : whole.withPart(extent(text, extent.group(1), extent.group(2)));
    }

    private DeviceSpec withOnlyMap(String given, MapChoice only) throws DeviceOpenException {
        if (!(map instanceof MapChoice.Beside)) {
            throw new DeviceOpenException(NbdUri.withoutPassword(given), "names two maps: give map= once");
        }
        return withMap(only);
    }

    private static MapChoice map(String given, String word) throws DeviceOpenException {
        String text = NbdUri.withoutPassword(given);
        if (word.isEmpty()) {
            throw new DeviceOpenException(text, "behind map= the name of a map is missing, or none");
        }
        Path file = path(text, word);
        return word.equals("none") && !Files.exists(file) ? new MapChoice.None() : new MapChoice.Given(file);
    }

    private static Path path(String text, String name) throws DeviceOpenException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new DeviceOpenException(text.replace('\0', '?'), "is no path: " + e.getReason());
        }
    }

    private static DevicePart extent(String given, String offset, String length) throws DeviceOpenException {
        String text = NbdUri.withoutPassword(given);
        long offsetBytes;
        long lengthBytes;
        try {
            offsetBytes = SizeText.parse(offset);
            lengthBytes = SizeText.parse(length);
        } catch (IllegalArgumentException e) {
            throw new DeviceOpenException(text, "of OFFSET,LENGTH, " + e.getMessage());
        }
        if (lengthBytes == 0 || lengthBytes > Long.MAX_VALUE - offsetBytes) {
            throw new DeviceOpenException(text, "a part of " + length + " bytes at " + offset + " is not possible");
        }
        if (offsetBytes % Sectors.BYTES != 0 || lengthBytes % Sectors.BYTES != 0) {
            throw new DeviceOpenException(text, "OFFSET and LENGTH are multiples of a sector, 512 bytes");
        }
        return new DevicePart.Extent(offsetBytes, lengthBytes);
    }

    /** The image file or block device of this host; empty for an export of a server. */
    public Optional<Path> file() {
        return source instanceof DeviceSource.OfFile local ? Optional.of(local.file()) : Optional.empty();
    }

    /** True if this is a file, block device or export as a whole. */
    public boolean isWhole() {
        return part instanceof DevicePart.Whole;
    }

    /** The same device with another map. */
    public DeviceSpec withMap(MapChoice other) {
        return new DeviceSpec(source, part, other);
    }

    /** The same device, each path in it changed. */
    public DeviceSpec withPaths(UnaryOperator<Path> change) {
        MapChoice changed =
                map instanceof MapChoice.Given given ? new MapChoice.Given(change.apply(given.file())) : map;
        DeviceSource moved = source instanceof DeviceSource.OfFile local
                ? new DeviceSource.OfFile(change.apply(local.file()))
                : source;
        return new DeviceSpec(moved, part, changed);
    }

    /** A partition of it. */
    public DeviceSpec partition(int number) {
        return withPart(new DevicePart.Numbered(number));
    }

    private DeviceSpec withPart(DevicePart other) {
        return new DeviceSpec(source, other, map);
    }

    /** The file's own name and the part, without directories; the URI of an export, without its password. */
    public String shortName() {
        return file().map(file -> String.valueOf(file.getFileName())).orElse(source.toString()) + part;
    }

    /** The text that {@link #parse} reads, with the password of a URI: never to be shown. */
    public String text() {
        return source.text() + part + map;
    }

    /** What messages show: as {@link #text}, but without a password. */
    @Override
    public String toString() {
        return source + part.toString() + map;
    }
}
