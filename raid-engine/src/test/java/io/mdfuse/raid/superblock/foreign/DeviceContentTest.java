package io.mdfuse.raid.superblock.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of content, by the bytes that its own specification defines. */
final class DeviceContentTest {
    @ParameterizedTest
    @CsvSource({
        "an XFS file system,          0,      XFSB",
        "a LUKS volume,               0,      LUKS",
        "a squashfs image,            0,      hsqs",
        "a qcow2 disk image,          0,      0x514649fb",
        "a VMDK disk image,           0,      KDMV",
        "a VHDX disk image,           0,      vhdxfile",
        "a Ceph OSD,                  0,      bluestore block device",
        "an NTFS file system,         3,      0x4e54465320202020",
        "an exFAT file system,        3,      0x4558464154202020",
        "a BitLocker volume,          3,      -FVE-FS-",
        "an APFS container,           32,     NXSB",
        "a FAT file system,           54,     FAT16",
        "a VirtualBox disk image,     64,     0x7f10dabe",
        "a FAT file system,           82,     FAT32",
        "a tar archive,               257,    ustar",
        "an LVM physical volume,      0,      LABELONE",
        "an LVM physical volume,      512,    LABELONE",
        "an LVM physical volume,      1024,   LABELONE",
        "an LVM physical volume,      1536,   LABELONE",
        "a GPT partition table,       512,    EFI PART",
        "a GPT partition table,       4096,   EFI PART",
        "an F2FS file system,         1024,   0x1020f5f2",
        "an EROFS image,              1024,   0xe2e1f5e0",
        "an HFS+ file system,         1024,   H+",
        "'an ext2, ext3 or ext4 file system', 1080, 0x53ef",
        "a swap area,                 4086,   SWAPSPACE2",
        "a swap area,                 4086,   SWAP-SPACE",
        "a bcache device,             4120,   0xc68573f64e1a45ca8265f57f48ba6d81",
        "a JFS file system,           32768,  JFS1",
        "an ISO 9660 image,           32769,  CD001",
        "a UDF file system,           32769,  BEA01",
        "a ReiserFS file system,      65588,  ReIsEr",
        "a btrfs file system,         65600,  _BHRfS_M",
        "a ZFS pool,                  131072, 0x0cb1ba0000000000",
        "a ZFS pool,                  135168, 0x0cb1ba0000000000",
        "a partition table or boot sector, 510, 0x55aa",
        "'Intel (IMSM, Rapid Storage) RAID metadata', -1024, Intel Raid ISM Cfg Sig. 1.2.02",
        "'Intel (IMSM, Rapid Storage) RAID metadata', -8192, Intel Raid ISM Cfg Sig. 1.2.02",
        "'DDF RAID metadata (LSI MegaRAID, Dell PERC and others)', -512, 0xde11de11",
        "DDF RAID metadata (Adaptec HostRAID), -131584, 0xde11de11",
        "Promise RAID metadata,       -32256, 'Promise Technology, Inc.'",
        "HighPoint RAID metadata,     4640,   0xf016785a",
        "NVIDIA RAID metadata,        -1024,  NVIDIA",
        "LSI MegaRAID (SATA) metadata, -512,  $XIDE$",
        "Adaptec RAID metadata,       -512,   0x37fc4d1e",
        "the metadata of an LVM RAID (dm-raid), 0, DmRd",
        "a QED disk image,            0,      0x51454400",
        "a VHD disk image,            0,      conectix",
        "an EnCase (EWF; E01) disk image, 0,  0x455646090d0aff00",
        "gzip-compressed data,        0,      0x1f8b08",
        "xz-compressed data,          0,      0xfd377a585a00",
        "zstd-compressed data,        0,      0x28b52ffd",
        "a map file of ddrescue,      0,      # Mapfile. Created by GNU ddrescue version 1.27",
        "a VDO volume,                0,      dmvdo001",
        "a GPT partition table (its second copy), -512, EFI PART"
    })
    void isRecognised(String kind, long offsetBytes, String content) throws Exception {
        BlockDevice disk = new CrashDisk("disk", 1 << 20);
        assertEquals(Optional.empty(), DeviceContent.find(disk));
        byte[] bytes = content.startsWith("0x")
                ? HexFormat.of().parseHex(content.substring(2))
                : content.getBytes(StandardCharsets.US_ASCII);
        long place = offsetBytes < 0 ? disk.sizeBytes() + offsetBytes : offsetBytes;
        disk.write(place, MemorySegment.ofArray(bytes));
        assertEquals(Optional.of(kind), DeviceContent.find(disk).map(DeviceContent::name));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 512, 4096, 65536, 131072})
    void aSmallDeviceIsReadOnlyToItsEnd(long sizeBytes) throws Exception {
        assertEquals(Optional.empty(), DeviceContent.find(new CrashDisk("small", sizeBytes)));
    }
}
