package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.BitSet;

/**
 * The write-intent bitmap of one member, as stored. {@link FoundBitmap} combines those of all members.
 *
 * @param head its head, checked
 * @param dirtyChunks the bits that are set
 */
public record MemberBitmap(BitmapSuperblock head, BitSet dirtyChunks) {
    /** No area that a superblock can describe has room for more bits. */
    private static final long MAX_CHUNKS = 1 << 30;

    /**
     * Reads the bitmap at the position that the member's superblock names.
     *
     * @param memberSectors how many sectors of the member the bits cover
     * @throws ArrayRefusedException MISSING if the superblock names no bitmap; CORRUPT or UNSUPPORTED as
     *     {@link BitmapSuperblock#decode}
     */
    public static MemberBitmap read(FoundDevice member, long memberSectors) throws IOException {
        Superblock superblock = member.superblock();
        if (!superblock.hasFeature(Features.BITMAP)) {
            throw new ArrayRefusedException(Reason.MISSING, member.name() + ": has no write-intent bitmap");
        }
        BitmapArea area = BitmapArea.of(member);
        area.check(superblock, Sectors.BYTES);
        BitmapSuperblock head = BitmapSuperblock.decode(member.name(), area.read(Sectors.BYTES), superblock.setUuid());
        if (memberSectors < 0 || Math.ceilDiv(memberSectors, head.chunkSectors()) > MAX_CHUNKS) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, member.name() + ": its write-intent bitmap has too many chunks");
        }
        int lengthBytes = BitmapImage.lengthBytes(head, memberSectors, superblock.pieceBytes());
        area.check(superblock, lengthBytes);
        return new MemberBitmap(head, BitmapImage.bits(area.read(lengthBytes), head.chunks(memberSectors)));
    }
}
