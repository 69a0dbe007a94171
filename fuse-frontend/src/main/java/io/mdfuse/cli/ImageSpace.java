package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The space that the image files of a new array may need, compared with what their file systems have free. A block of
 * an image that is a hole takes no space until it is written.
 */
final class ImageSpace {
    /** How many bytes the images on one file system still need, and how many are free there for this user. */
    record Need(String fileSystem, int images, long missingBytes, long freeBytes) {
        boolean fits() {
            return missingBytes <= freeBytes;
        }

        @Override
        public String toString() {
            return "the " + (images == 1 ? "image" : images + " images") + " on " + fileSystem + " can come to need "
                    + mebibytes(missingBytes) + " MiB more, and " + mebibytes(freeBytes) + " MiB are free there";
        }

        private static long mebibytes(long bytes) {
            return bytes >> 20;
        }
    }

    private final List<BlockDevice> images;

    /** @param devices only those that are image files count */
    ImageSpace(List<BlockDevice> devices) {
        this.images = devices.stream().filter(BlockDevice::isImageFile).toList();
    }

    /** One entry for each file system that contains an image. */
    List<Need> needs() throws IOException {
        Map<Object, List<BlockDevice>> byFileSystem = new LinkedHashMap<>();
        for (BlockDevice image : images) {
            // Identified by its device number: Java gives no FileStore in a chroot whose root is not a mount point.
            Object number = Files.getAttribute(file(image), "unix:dev");
            byFileSystem.computeIfAbsent(number, _ -> new ArrayList<>()).add(image);
        }
        List<Need> needs = new ArrayList<>();
        for (List<BlockDevice> together : byFileSystem.values()) {
            long missingBytes = 0;
            for (BlockDevice image : together) {
                missingBytes += Math.max(0, image.sizeBytes() - image.allocatedBytes());
            }
            Path one = file(together.getFirst());
            needs.add(new Need(
                    fileSystemOf(one),
                    together.size(),
                    missingBytes,
                    one.toFile().getUsableSpace()));
        }
        return needs;
    }

    private static Path file(BlockDevice image) throws IOException {
        return DeviceSpec.parse(image.name()).file().orElseThrow();
    }

    private static String fileSystemOf(Path image) {
        try {
            // Its text is the mount point, and the device in parentheses.
            return Files.getFileStore(image).toString();
        } catch (IOException e) {
            return "the file system of " + image;
        }
    }

    /**
     * Allocates all blocks of every image.
     *
     * @throws IOException if there is not enough space, or the file system can't allocate ahead; nothing was written to
     *     an image
     */
    void preallocate() throws IOException {
        for (Need need : needs()) {
            if (!need.fits()) {
                throw new IOException("--preallocate: " + need + "; make room, or choose a smaller --size");
            }
        }
        for (BlockDevice image : images) {
            try {
                image.reserve(0, image.sizeBytes());
            } catch (NoSpaceException e) {
                throw new IOException("--preallocate: " + e.getMessage(), e);
            }
            if (!image.guaranteesSpace()) {
                throw new IOException("--preallocate: the file system of " + image.name()
                        + " can't reserve space; leave the option out, or use another file system");
            }
        }
    }
}
