package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.BitSet;

/**
 * The write-intent bitmap of one member, as it lies on it. What the bitmaps of several members say together is
 * {@link FoundBitmap}'s to tell.
 *
 * @param head its head, judged
 * @param dirtyChunks the bits that are set
 */
public record MemberBitmap(BitmapSuperblock head, BitSet dirtyChunks) {
    /** No area that can be named beside a superblock holds more bits than that. */
    private static final long MOST_CHUNKS = 1 << 30;

    /**
     * Reads it from where the member's superblock says that it lies.
     *
     * @param memberSectors how many sectors of the member the bits are taken to cover
     * @throws ArrayRefusedException MISSING where the superblock names none; CORRUPT or UNSUPPORTED
     */
    public static MemberBitmap read(FoundDevice member, long memberSectors) throws IOException {
        Superblock superblock = member.superblock();
        if (!superblock.hasFeature(Features.BITMAP)) {
            throw new ArrayRefusedException(Reason.MISSING, member.name() + ": has no write-intent bitmap");
        }
        BitmapArea area = BitmapArea.of(member);
        area.check(superblock, Sectors.BYTES);
        BitmapSuperblock head = BitmapSuperblock.decode(member.name(), area.read(Sectors.BYTES), superblock.setUuid());
        if (memberSectors < 0 || Math.ceilDiv(memberSectors, head.chunkSectors()) > MOST_CHUNKS) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, member.name() + ": its write-intent bitmap has too many chunks");
        }
        int lengthBytes = BitmapImage.lengthBytes(head, memberSectors, superblock.pieceBytes());
        area.check(superblock, lengthBytes);
        return new MemberBitmap(head, BitmapImage.bits(area.read(lengthBytes), head.chunks(memberSectors)));
    }
}
