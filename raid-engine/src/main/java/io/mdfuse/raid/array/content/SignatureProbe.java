package io.mdfuse.raid.array.content;

import io.mdfuse.raid.array.content.VolumeContent.Form;
import io.mdfuse.raid.array.content.VolumeContent.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Contents that are recognised by a few bytes at a fixed offset. A partition table counts in the sectors of the disk
 * that it was made on, so a table made for 512-byte sectors is not found, or wrong, on a device with sectors of 4096
 * bytes. LVM and LUKS themselves work on both; but their content may have been made for 512.
 */
final class SignatureProbe implements VolumeProbe {
    @Override
    public Optional<VolumeContent> look(VolumeBytes bytes) throws IOException {
        if (bytes.hasText(512, "EFI PART")) {
            return Optional.of(partitions("a GPT partition table", false));
        }
        if (bytes.hasText(4096, "EFI PART")) {
            return Optional.of(partitions("a GPT partition table", true));
        }
        if (bytes.hasText(0, "LUKS")) {
            return Optional.of(container("a LUKS volume"));
        }
        for (int sector = 0; sector < 4; sector++) {
            if (bytes.hasText(sector * 512L, "LABELONE")) {
                return Optional.of(container("an LVM physical volume"));
            }
        }
        return bootSector(bytes);
    }

    private static Optional<VolumeContent> bootSector(VolumeBytes bytes) throws IOException {
        ByteBuffer sector = bytes.littleEndian(0, 512);
        if ((sector.getShort(510) & 0xffff) != 0xaa55) {
            return Optional.empty();
        }
        int sectorBytes = sector.getShort(11) & 0xffff;
        if (bytes.hasText(3, "NTFS    ")) {
            return Optional.of(VolumeContent.fileSystem("NTFS", sectorBytes >= 4096, Log.UNKNOWN, 0));
        }
        if (bytes.hasText(3, "EXFAT   ")) {
            return Optional.of(VolumeContent.fileSystem("exFAT", sector.get(108) >= 12, Log.CLEAN, 0));
        }
        if (bytes.hasText(54, "FAT") || bytes.hasText(82, "FAT32")) {
            return Optional.of(VolumeContent.fileSystem("FAT", sectorBytes >= 4096, Log.CLEAN, 0));
        }
        for (int entry = 446; entry < 510; entry += 16) {
            int status = sector.get(entry) & 0x7f;
            if (status == 0 && sector.get(entry + 4) != 0 && sector.getInt(entry + 12) != 0) {
                // The table does not say in which sector size it counts; nearly all tables are made for 512.
                return Optional.of(partitions("an MBR partition table", false));
            }
        }
        return Optional.empty();
    }

    private static VolumeContent partitions(String kind, boolean fitsBlocks) {
        return new VolumeContent(kind, Form.PARTITIONS, fitsBlocks, Log.UNKNOWN, 0);
    }

    private static VolumeContent container(String kind) {
        return new VolumeContent(kind, Form.CONTAINER, false, Log.UNKNOWN, 0);
    }
}
