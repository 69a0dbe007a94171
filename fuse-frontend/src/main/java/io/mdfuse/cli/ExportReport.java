package io.mdfuse.cli;

import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import java.io.PrintWriter;

/** What {@code examine --export} prints of a member: the lines of {@code mdadm --examine --export}. */
final class ExportReport {
    private ExportReport() {}

    static void print(FoundDevice found, PrintWriter out) {
        Superblock superblock = found.superblock();
        out.println("MD_LEVEL=" + ShapeText.levelName(superblock.level()));
        out.println("MD_DEVICES=" + superblock.raidDisks());
        if (!superblock.setName().isEmpty()) {
            out.println("MD_NAME=" + superblock.setName().replaceAll("\\p{Cntrl}.*", ""));
        }
        boolean old = superblock.metadataVersion() == MetadataVersion.V0_90;
        if (!old) {
            SuperblockText.arrayBytes(superblock)
                    .ifPresent(bytes -> out.println("MD_ARRAY_SIZE=" + HumanSize.decimal(bytes)));
        }
        out.println("MD_UUID=" + superblock.setUuidText());
        out.println("MD_UPDATE_TIME=" + superblock.utimeSeconds());
        if (!old) {
            // Metadata 0.90 has no id of the device.
            out.println("MD_DEV_UUID=" + superblock.deviceUuidText());
        }
        out.println("MD_EVENTS=" + Long.toUnsignedString(superblock.events()));
    }
}
