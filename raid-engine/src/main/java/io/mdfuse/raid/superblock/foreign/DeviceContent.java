package io.mdfuse.raid.superblock.foreign;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The content that is recognised on a device, by the bytes that each kind of content has at a fixed offset. md
 * superblocks are not included: {@code SuperblockLocator} finds them by their own rules.
 *
 * @param name in words that follow "holds"
 */
public record DeviceContent(ContentKind kind, String name) {
    private static final byte[] ZFS_UBERBLOCK = HexFormat.of().parseHex("0cb1ba0000000000");
    private static final int ZFS_RING_BYTES = 128 << 10;

    /**
     * The first kind that is recognised; empty if the device holds nothing known. Bytes that are known to be
     * unreadable are not looked at.
     *
     * @throws DeviceException if a sector can't be read
     */
    public static Optional<DeviceContent> find(BlockDevice device) throws DeviceException {
        for (Signature signature : Signatures.ALL) {
            long place = signature.offsetBytes();
            if (has(device, place < 0 ? device.sizeBytes() + place : place, signature.magic())) {
                return Optional.of(new DeviceContent(signature.kind(), signature.name()));
            }
        }
        // A ZFS label has a ring of uberblocks, one in each KiB, and no bytes at a fixed offset.
        for (int at = 0; at < ZFS_RING_BYTES; at += 1024) {
            if (has(device, ZFS_RING_BYTES + at, ZFS_UBERBLOCK)) {
                return Optional.of(new DeviceContent(ContentKind.VOLUME, "a ZFS pool"));
            }
        }
        return Optional.empty();
    }

    private static boolean has(BlockDevice device, long offsetBytes, byte[] magic) throws DeviceException {
        if (offsetBytes < 0 || offsetBytes + magic.length > device.sizeBytes()) {
            return false;
        }
        if (device.unreadable().overlaps(offsetBytes, magic.length)) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(magic.length);
            device.read(offsetBytes, found);
            return Arrays.equals(found.toArray(ValueLayout.JAVA_BYTE), magic);
        }
    }
}
