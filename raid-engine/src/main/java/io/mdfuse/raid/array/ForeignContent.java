package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Recognises what a device holds that its owner may not want to lose: file systems, volume managers, partition
 * tables and disk images, by the bytes that each keeps at a fixed place. It knows nothing of md, whose superblocks are found by
 * their own rules.
 */
final class ForeignContent {
    /** A kind of content: what people call it, and the bytes at one place that give it away. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Signature(String kind, long offsetBytes, byte[] magic) {}

    // Where several match, the first is named: so those that say most come first.
    private static final List<Signature> SIGNATURES = List.of(
            text("a LUKS volume", 0, "LUKS"),
            text("an XFS file system", 0, "XFSB"),
            text("a squashfs image", 0, "hsqs"),
            text("a qcow2 disk image", 0, "QFI"),
            text("a VMDK disk image", 0, "KDMV"),
            text("a VHDX disk image", 0, "vhdxfile"),
            text("a Ceph OSD", 0, "bluestore block device"),
            text("an NTFS file system", 3, "NTFS    "),
            text("an exFAT file system", 3, "EXFAT   "),
            text("a BitLocker volume", 3, "-FVE-FS-"),
            text("an APFS container", 32, "NXSB"),
            text("a FAT file system", 54, "FAT"),
            hex("a VirtualBox disk image", 64, "7f10dabe"),
            text("a FAT file system", 82, "FAT32"),
            text("a tar archive", 257, "ustar"),
            text("an LVM physical volume", 512, "LABELONE"),
            text("an LVM physical volume", 0, "LABELONE"),
            text("an LVM physical volume", 1024, "LABELONE"),
            text("an LVM physical volume", 1536, "LABELONE"),
            text("a GPT partition table", 512, "EFI PART"),
            text("a GPT partition table", 4096, "EFI PART"),
            hex("an F2FS file system", 1024, "1020f5f2"),
            hex("an EROFS image", 1024, "e2e1f5e0"),
            text("an HFS+ file system", 1024, "H+"),
            hex("an ext2, ext3 or ext4 file system", 1080, "53ef"),
            text("a swap area", 4086, "SWAPSPACE2"),
            text("a swap area", 4086, "SWAP-SPACE"),
            hex("a bcache device", 4120, "c68573f64e1a45ca8265f57f48ba6d81"),
            text("a JFS file system", 32768, "JFS1"),
            text("an ISO 9660 image", 32769, "CD001"),
            text("a UDF file system", 32769, "BEA01"),
            text("a ReiserFS file system", 65588, "ReIsEr"),
            text("a btrfs file system", 65600, "_BHRfS_M"),
            hex("a partition table or boot sector", 510, "55aa"));

    private static final byte[] ZFS_UBERBLOCK = HexFormat.of().parseHex("0cb1ba0000000000");
    private static final int ZFS_RING_BYTES = 128 << 10;

    private ForeignContent() {}

    /** What is recognised on the device, in words that follow "holds"; empty where it is nothing known. */
    static Optional<String> find(BlockDevice device) throws DeviceException {
        for (Signature signature : SIGNATURES) {
            if (has(device, signature.offsetBytes(), signature.magic())) {
                return Optional.of(signature.kind());
            }
        }
        // A ZFS label keeps a ring of uberblocks, each on its own KiB, and nothing at a fixed place.
        for (int at = 0; at < ZFS_RING_BYTES; at += 1024) {
            if (has(device, ZFS_RING_BYTES + at, ZFS_UBERBLOCK)) {
                return Optional.of("a ZFS pool");
            }
        }
        return Optional.empty();
    }

    private static boolean has(BlockDevice device, long offsetBytes, byte[] magic) throws DeviceException {
        if (offsetBytes + magic.length > device.sizeBytes()) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(magic.length);
            device.read(offsetBytes, found);
            return Arrays.equals(found.toArray(ValueLayout.JAVA_BYTE), magic);
        }
    }

    private static Signature text(String kind, long offsetBytes, String magic) {
        return new Signature(kind, offsetBytes, magic.getBytes(StandardCharsets.US_ASCII));
    }

    private static Signature hex(String kind, long offsetBytes, String magic) {
        return new Signature(kind, offsetBytes, HexFormat.of().parseHex(magic));
    }
}
