package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The write-intent bitmap of one member, as stored. {@link FoundBitmap} combines those of all members.
 *
 * @param head its head, checked
 * @param dirtyChunks the bits that are set; of a lockless bitmap the chunks that have a mark
 * @param states the states of a lockless bitmap, as stored; null for version 4
 * @param allKnown whether the bitmap has a known state for every chunk; true for version 4
 */
public record MemberBitmap(
        BitmapSuperblock head, BitSet dirtyChunks, @Nullable ChunkStates states, boolean allKnown) {
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
        BitmapSuperblock head = head(member, area);
        int lengthBytes = lengthBytes(member, head, memberSectors);
        area.check(superblock, lengthBytes);
        byte[] bytes = area.read(lengthBytes);
        int chunks = head.chunks(memberSectors);
        if (!head.lockless()) {
            return new MemberBitmap(head, BitImage.bits(bytes, chunks), null, true);
        }
        ChunkStates states = StateImage.states(head, bytes, chunks);
        return new MemberBitmap(
                head, states.where(ChunkState::isMarked), states, StateImage.allKnown(head, bytes, chunks));
    }

    /**
     * The length of a member's bitmap in bytes, as the bitmap's own head gives it.
     *
     * @throws ArrayRefusedException as {@link #read}
     */
    public static int lengthBytes(FoundDevice member) throws IOException {
        BitmapSuperblock head = head(member, BitmapArea.of(member));
        return lengthBytes(member, head, head.syncSectors());
    }

    private static BitmapSuperblock head(FoundDevice member, BitmapArea area) throws IOException {
        Superblock superblock = member.superblock();
        area.check(superblock, Sectors.BYTES);
        return BitmapSuperblock.decode(member.name(), area.read(Sectors.BYTES), superblock.setUuid());
    }

    private static int lengthBytes(FoundDevice member, BitmapSuperblock head, long memberSectors)
            throws ArrayRefusedException {
        if (memberSectors < 0 || Math.ceilDiv(memberSectors, head.chunkSectors()) > MAX_CHUNKS) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT, member.name() + ": its write-intent bitmap has too many chunks");
        }
        return BitmapImage.lengthBytes(head, memberSectors, member.superblock().pieceBytes());
    }
}
