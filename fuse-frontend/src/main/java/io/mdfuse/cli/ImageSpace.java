package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.NoSpaceException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The room that the image files of a new array can come to need, against what their file systems have. A block of an image that is
 * a hole takes no room until it is written.
 */
final class ImageSpace {
    /** What the images on one file system still need, and what is free there for this user. */
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

    /** @param devices of which those that are image files count */
    ImageSpace(List<BlockDevice> devices) {
        this.images = devices.stream().filter(BlockDevice::isImageFile).toList();
    }

    /** One for each file system that holds an image. */
    List<Need> needs() throws IOException {
        Map<FileStore, List<BlockDevice>> byStore = new LinkedHashMap<>();
        for (BlockDevice image : images) {
            FileStore store = Files.getFileStore(Path.of(image.name()));
            byStore.computeIfAbsent(store, _ -> new ArrayList<>()).add(image);
        }
        List<Need> needs = new ArrayList<>();
        for (Map.Entry<FileStore, List<BlockDevice>> entry : byStore.entrySet()) {
            long missingBytes = 0;
            for (BlockDevice image : entry.getValue()) {
                missingBytes += Math.max(0, image.sizeBytes() - image.allocatedBytes());
            }
            FileStore store = entry.getKey();
            needs.add(new Need(store.toString(), entry.getValue().size(), missingBytes, store.getUsableSpace()));
        }
        return needs;
    }

    /**
     * Gives every image all of its blocks.
     *
     * @throws IOException if there is no room for all of them, or the file system can't promise any; nothing was written to an image
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
            if (!image.promisesRoom()) {
                throw new IOException("--preallocate: the file system of " + image.name()
                        + " can't reserve space; leave the option out, or use another file system");
            }
        }
    }
}
