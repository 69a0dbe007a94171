package io.mdfuse.raid.spec;

import io.mdfuse.device.LoopBacking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The names of an image file, from which those of its maps are made. */
final class ImageNames {
    private ImageNames() {}

    /** The file's path without symbolic links in its directories, also if there is no such file. */
    static Path inRealDirectory(Path file) {
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        try {
            return directory == null ? absolute : directory.toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            return absolute;
        }
    }

    /**
     * The image file itself, if the user named it by a symbolic link or by a loop device that shows all of it: its map
     * must be found by every name, or its holes would count as read by one of them.
     */
    static Path target(Path image) {
        Optional<Path> attached = LoopBacking.of(image)
                .filter(LoopBacking::whole)
                .map(LoopBacking::file)
                .filter(Files::isRegularFile);
        if (attached.isPresent()) {
            return attached.get();
        }
        try {
            return Files.isSymbolicLink(image) && Files.isRegularFile(image) ? image.toRealPath() : image;
        } catch (IOException e) {
            return image;
        }
    }

    /** The image by the name that the user gave, and by its own. */
    static List<Path> names(Path image) {
        Path target = target(image);
        return image.equals(target) ? List.of(image) : List.of(image, target);
    }

    /** The names by which the maps of an image are called, before their endings. */
    static Set<String> stems(Path image) {
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
}
