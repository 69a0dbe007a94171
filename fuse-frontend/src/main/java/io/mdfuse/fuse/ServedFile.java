package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;

/**
 * A file of a mount.
 *
 * @param name its name; the files of a mount have different ones
 */
public record ServedFile(String name, Volume volume) {
    /** The file of a volume, with the volume's name. */
    public static ServedFile of(Volume volume) {
        return new ServedFile(volume.name(), volume);
    }
}
