package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.Sectors;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device as a user names it: an image file or a block device, or a part of one.
 *
 * <pre>
 *   PATH                   all of it; a file whose name has an @ in it is meant if it exists
 *   PATH@NUMBER            a partition, by its number in the partition table
 *   PATH@OFFSET,LENGTH     a range of bytes, such as disk.dd@5000M,2T
 * </pre>
 *
 * @param file the image file or block device
 */
public record DeviceSpec(Path file, DevicePart part) {
    private static final Pattern PARTITION = Pattern.compile("[0-9]{1,4}");
    private static final Pattern EXTENT = Pattern.compile("([0-9][^,]*),([0-9][^,]*)");
    private static final DevicePart WHOLE = new DevicePart.Whole();

    /** All of a file or block device. */
    public static DeviceSpec of(Path file) {
        return new DeviceSpec(file, WHOLE);
    }

    /**
     * Reads what a user wrote. If the text is the path of an existing file, or if what precedes its last @ is no file,
     * the text is a path.
     *
     * @throws DeviceOpenException if the text can't be a specification; one line says what is wrong
     */
    public static DeviceSpec parse(String text) throws DeviceOpenException {
        Path whole = path(text, text);
        int at = text.lastIndexOf('@');
        if (at <= 0 || Files.exists(whole)) {
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
            return new DeviceSpec(file, new DevicePart.Numbered(Integer.parseInt(part)));
        }
        if (extent.matches()) {
            return new DeviceSpec(file, extent(text, extent.group(1), extent.group(2)));
        }
        throw new DeviceOpenException(
                text,
                "does not exist, and of " + name + " the part " + (part.isEmpty() ? "behind @" : part)
                        + " is neither the number of a partition (" + name + "@5) nor OFFSET,LENGTH (" + name
                        + "@5000M,2T)");
    }

    private static Path path(String text, String name) throws DeviceOpenException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new DeviceOpenException(text.replace('\0', '?'), "is no path: " + e.getReason());
        }
    }

    private static DevicePart extent(String text, String offset, String length) throws DeviceOpenException {
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

    /** True if this is a file or block device as a whole. */
    public boolean isWhole() {
        return part instanceof DevicePart.Whole;
    }

    /** The same part of another file. */
    public DeviceSpec withFile(Path other) {
        return new DeviceSpec(other, part);
    }

    /** A partition of this file. */
    public DeviceSpec partition(int number) {
        return new DeviceSpec(file, new DevicePart.Numbered(number));
    }

    /** The file's own name and the part, without directories. */
    public String shortName() {
        return file.getFileName() + part.toString();
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return file + part.toString();
    }
}
