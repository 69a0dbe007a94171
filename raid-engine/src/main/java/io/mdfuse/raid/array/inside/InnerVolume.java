package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;

/**
 * A volume to be served as a file.
 *
 * @param fileName the file's name, which no other volume of the mount has
 * @param volume the volume; its own name may be another one
 * @param kind what it is, in words: {@code partition 1 of tank}, {@code logical volume home of vg0}
 */
public record InnerVolume(String fileName, Volume volume, String kind) {}
