package io.mdfuse.raid.superblock;

import java.util.List;
import java.util.Optional;

/**
 * The positions of a superblock (Linux {@code super_1_load}, {@code MD_NEW_SIZE_SECTORS}). A version-1 superblock has
 * the same format at all three of its positions; 0.90 has another format: see {@link Superblock090}.
 *
 * <pre>
 *   0.90  the last 64 KiB-aligned offset with at least 64 KiB to the end of the device
 *   1.0   the last 4 KiB-aligned offset with at least 8 KiB to the end of the device
 *   1.1   sector 0
 *   1.2   sector 8
 * </pre>
 */
public enum MetadataVersion {
    V0_90("0.90"),
    V1_0("1.0"),
    V1_1("1.1"),
    V1_2("1.2");

    /** The versions that are read and written; 0.90 is only read. */
    public static final List<MetadataVersion> VERSION_1 = List.of(V1_0, V1_1, V1_2);

    private final String text;

    MetadataVersion(String text) {
        this.text = text;
    }

    /** The version as mdadm writes it: 0.90, 1.0, 1.1 or 1.2. */
    public String text() {
        return text;
    }

    /**
     * The sector at which the superblock of a device of this size lies.
     *
     * @param deviceSectors the whole size of the device
     * @return the sector, or -1 if the device is too small to have 4096 bytes there
     */
    public long superSector(long deviceSectors) {
        long sector = switch (this) {
            case V0_90 -> (deviceSectors & -128L) - 128;
            case V1_0 -> (deviceSectors - 16) & ~7L;
            case V1_1 -> 0;
            case V1_2 -> 8;
        };
        return sector < 0 || sector + 8 > deviceSectors ? -1 : sector;
    }

    /** The version of {@link #VERSION_1} with this text, such as {@code 1.2}; empty if there is none. */
    public static Optional<MetadataVersion> ofText(String text) {
        for (MetadataVersion version : VERSION_1) {
            if (version.text.equals(text)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }
}
