package io.mdfuse.raid.superblock.foreign;

import static io.mdfuse.raid.superblock.foreign.ContentKind.*;
import static io.mdfuse.raid.superblock.foreign.Signature.hex;
import static io.mdfuse.raid.superblock.foreign.Signature.text;

import java.util.List;
import java.util.stream.Stream;

/**
 * The known signatures, each list with its source. If several match, the first in {@link #ALL} names the content: the
 * most specific ones come first, a boot sector last.
 */
final class Signatures {
    /**
     * Metadata of other RAIDs. Intel's lies in the last sector but one (mdadm super-intel.c; sectors of 512 or 4096
     * bytes), DDF's anchor in the last one (SNIA DDF 2.0, 5.2.1); the others as libblkid 2.38 finds them
     * (superblocks/promise_raid.c, highpoint_raid.c, nvidia_raid.c, lsi_raid.c, adaptec_raid.c); dm-raid's in sector 0
     * of a metadata device (Linux dm-raid.c).
     */
    private static final List<Signature> OTHER_RAIDS = List.of(
            text(OTHER_RAID, "Intel (IMSM, Rapid Storage) RAID metadata", -1024, "Intel Raid ISM Cfg Sig. "),
            text(OTHER_RAID, "Intel (IMSM, Rapid Storage) RAID metadata", -8192, "Intel Raid ISM Cfg Sig. "),
            hex(OTHER_RAID, "DDF RAID metadata (LSI MegaRAID, Dell PERC and others)", -512, "de11de11"),
            hex(OTHER_RAID, "DDF RAID metadata (LSI MegaRAID, Dell PERC and others)", -4096, "de11de11"),
            hex(OTHER_RAID, "DDF RAID metadata (Adaptec HostRAID)", -257 * 512, "de11de11"),
            text(OTHER_RAID, "Promise RAID metadata", -63 * 512, "Promise Technology, Inc."),
            text(OTHER_RAID, "Promise RAID metadata", -255 * 512, "Promise Technology, Inc."),
            text(OTHER_RAID, "Promise RAID metadata", -256 * 512, "Promise Technology, Inc."),
            text(OTHER_RAID, "Promise RAID metadata", -16 * 512, "Promise Technology, Inc."),
            hex(OTHER_RAID, "HighPoint RAID metadata", 9 * 512 + 32, "f016785a"),
            hex(OTHER_RAID, "HighPoint RAID metadata", 9 * 512 + 32, "fd16785a"),
            hex(OTHER_RAID, "HighPoint RAID metadata", -11 * 512, "f316785a"),
            text(OTHER_RAID, "NVIDIA RAID metadata", -1024, "NVIDIA"),
            text(OTHER_RAID, "LSI MegaRAID (SATA) metadata", -512, "$XIDE$"),
            hex(OTHER_RAID, "Adaptec RAID metadata", -512, "37fc4d1e"),
            text(OTHER_RAID, "the metadata of an LVM RAID (dm-raid)", 0, "DmRd"));

    /**
     * Images that are not raw: the specifications of QEMU, VMware, Microsoft, Oracle and Parallels; libewf; partclone.
     */
    private static final List<Signature> DISK_IMAGES = List.of(
            text(DISK_IMAGE, "a qcow2 disk image", 0, "QFI"),
            hex(DISK_IMAGE, "a QED disk image", 0, "51454400"),
            text(DISK_IMAGE, "a VMDK disk image", 0, "KDMV"),
            text(DISK_IMAGE, "a VMDK disk image", 0, "COWD"),
            text(DISK_IMAGE, "the descriptor of a VMDK disk image", 0, "# Disk DescriptorFile"),
            text(DISK_IMAGE, "a VHDX disk image", 0, "vhdxfile"),
            text(DISK_IMAGE, "a VHD disk image", 0, "conectix"),
            hex(DISK_IMAGE, "a VirtualBox disk image", 64, "7f10dabe"),
            text(DISK_IMAGE, "a Parallels disk image", 0, "WithoutFreeSpace"),
            text(DISK_IMAGE, "a Parallels disk image", 0, "WithouFreSpacExt"),
            hex(DISK_IMAGE, "an EnCase (EWF; E01) disk image", 0, "455646090d0aff00"),
            hex(DISK_IMAGE, "an EnCase (EWF2; Ex01) disk image", 0, "455646320d0a8100"),
            text(DISK_IMAGE, "a partclone image", 0, "partclone-image"));

    /** Files that must be unpacked first: RFC 1952 and 8878, and the format pages of each tool. */
    private static final List<Signature> ARCHIVES = List.of(
            hex(ARCHIVE, "gzip-compressed data", 0, "1f8b08"),
            hex(ARCHIVE, "xz-compressed data", 0, "fd377a585a00"),
            hex(ARCHIVE, "zstd-compressed data", 0, "28b52ffd"),
            text(ARCHIVE, "bzip2-compressed data", 0, "BZh"),
            hex(ARCHIVE, "lz4-compressed data", 0, "04224d18"),
            hex(ARCHIVE, "lzop-compressed data", 0, "894c5a4f00"),
            hex(ARCHIVE, "a zip archive", 0, "504b0304"),
            hex(ARCHIVE, "a 7-Zip archive", 0, "377abcaf271c"),
            hex(ARCHIVE, "a RAR archive", 0, "526172211a07"),
            text(MAP_FILE, "a map file of ddrescue", 0, "# Mapfile. Created by GNU ddrescue"),
            text(MAP_FILE, "a map file of ddrescue", 0, "# Rescue Logfile. Created by GNU ddrescue"));

    /**
     * Layers, by their own headers (cryptsetup, LVM2 label.h, bcache-tools, Ceph, dm-integrity, dm-vdo, Windows LDM).
     */
    private static final List<Signature> VOLUMES = List.of(
            text(VOLUME, "a LUKS volume", 0, "LUKS"),
            text(VOLUME, "a Ceph OSD", 0, "bluestore block device"),
            text(VOLUME, "a BitLocker volume", 3, "-FVE-FS-"),
            text(VOLUME, "an APFS container", 32, "NXSB"),
            text(VOLUME, "an LVM physical volume", 512, "LABELONE"),
            text(VOLUME, "an LVM physical volume", 0, "LABELONE"),
            text(VOLUME, "an LVM physical volume", 1024, "LABELONE"),
            text(VOLUME, "an LVM physical volume", 1536, "LABELONE"),
            text(VOLUME, "a dm-integrity device", 0, "integrt"),
            text(VOLUME, "a VDO volume", 0, "dmvdo001"),
            hex(VOLUME, "a bcache device", 4120, "c68573f64e1a45ca8265f57f48ba6d81"),
            text(VOLUME, "a Windows dynamic disk", 3072, "PRIVHEAD"),
            text(VOLUME, "a swap area", 4086, "SWAPSPACE2"),
            text(VOLUME, "a swap area", 4086, "SWAP-SPACE"));

    /** File systems, at the offsets that libblkid 2.38 uses. */
    private static final List<Signature> FILE_SYSTEMS = List.of(
            text(FILE_SYSTEM, "an XFS file system", 0, "XFSB"),
            text(FILE_SYSTEM, "a squashfs image", 0, "hsqs"),
            text(FILE_SYSTEM, "an NTFS file system", 3, "NTFS    "),
            text(FILE_SYSTEM, "an exFAT file system", 3, "EXFAT   "),
            text(FILE_SYSTEM, "a FAT file system", 54, "FAT"),
            text(FILE_SYSTEM, "a FAT file system", 82, "FAT32"),
            hex(FILE_SYSTEM, "an F2FS file system", 1024, "1020f5f2"),
            hex(FILE_SYSTEM, "an EROFS image", 1024, "e2e1f5e0"),
            text(FILE_SYSTEM, "an HFS+ file system", 1024, "H+"),
            hex(FILE_SYSTEM, "an ext2, ext3 or ext4 file system", 1080, "53ef"),
            text(FILE_SYSTEM, "a JFS file system", 32768, "JFS1"),
            text(FILE_SYSTEM, "an ISO 9660 image", 32769, "CD001"),
            text(FILE_SYSTEM, "a UDF file system", 32769, "BEA01"),
            text(FILE_SYSTEM, "a ReiserFS file system", 65588, "ReIsEr"),
            text(FILE_SYSTEM, "a btrfs file system", 65600, "_BHRfS_M"),
            text(FILE_SYSTEM, "a tar archive", 257, "ustar"));

    /** Partition tables: UEFI 2.10, 5.3.2; and the two bytes at the end of a DOS table and of any boot sector. */
    private static final List<Signature> TABLES = List.of(
            text(PARTITION_TABLE, "a GPT partition table", 512, "EFI PART"),
            text(PARTITION_TABLE, "a GPT partition table", 4096, "EFI PART"),
            text(PARTITION_TABLE, "a GPT partition table (its second copy)", -512, "EFI PART"),
            hex(PARTITION_TABLE, "a partition table or boot sector", 510, "55aa"));

    static final List<Signature> ALL = Stream.of(OTHER_RAIDS, DISK_IMAGES, ARCHIVES, VOLUMES, FILE_SYSTEMS, TABLES)
            .flatMap(List::stream)
            .toList();

    private Signatures() {}
}
