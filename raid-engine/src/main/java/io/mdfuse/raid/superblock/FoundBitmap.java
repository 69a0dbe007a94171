package io.mdfuse.raid.superblock;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The combined content of the write-intent bitmaps of an array's members.
 *
 * <ol>
 *   <li>A bitmap is <b>current</b> if its event count is not lower than the array's and its stale bit is not set. md
 *       reads the first bitmap that it finds; here all members' bitmaps must be current, otherwise none is used.
 *   <li>A chunk is dirty if it is dirty in the bitmap of any member: a bit is set on all members before data is
 *       written.
 *   <li>A bitmap that is corrupt is not current. If no member has a readable one, the array is refused, since the size
 *       of its chunks is unknown.
 * </ol>
 */
public final class FoundBitmap {
    private final BitmapSuperblock head;
    private final Map<Integer, BitmapArea> areas;
    private final boolean current;
    private final boolean alike;
    private final BitSet dirtyChunks;

    private FoundBitmap(
            BitmapSuperblock head, Map<Integer, BitmapArea> areas, boolean current, boolean alike, BitSet dirtyChunks) {
        this.head = head;
        this.areas = areas;
        this.current = current;
        this.alike = alike;
        this.dirtyChunks = dirtyChunks;
    }

    /**
     * Reads the bitmaps of an array; empty if the array has none.
     *
     * @throws ArrayRefusedException if a bitmap is of a kind that is not served, or no member has a readable one
     */
    public static Optional<FoundBitmap> find(Assembly assembly) throws IOException {
        if (!assembly.reference().hasFeature(Features.BITMAP)) {
            return Optional.empty();
        }
        return Optional.of(new Search(assembly.reference()).over(assembly.slots()));
    }

    /** One pass over the members. */
    private static final class Search {
        private final Superblock reference;
        private final Map<Integer, BitmapArea> areas = new TreeMap<>();
        private final List<BitmapSuperblock> heads = new ArrayList<>();
        private final List<BitSet> bits = new ArrayList<>();
        private @Nullable ArrayRefusedException corrupt;

        Search(Superblock reference) {
            this.reference = reference;
        }

        FoundBitmap over(List<@Nullable FoundDevice> slots) throws IOException {
            for (FoundDevice member : slots) {
                if (member != null) {
                    read(member);
                }
            }
            if (heads.isEmpty()) {
                throw corrupt != null
                        ? corrupt
                        : new ArrayRefusedException(Reason.MISSING, "no member with a write-intent bitmap is here");
            }
            boolean current = corrupt == null && heads.stream().allMatch(this::isCurrent);
            BitmapSuperblock newest = newest();
            BitSet union = new BitSet();
            bits.forEach(union::or);
            boolean alike = current && bits.stream().allMatch(union::equals);
            if (!current) {
                union.set(0, newest.chunks(reference.usedSectors()));
            }
            return new FoundBitmap(newest, areas, current, alike, union);
        }

        private void read(FoundDevice member) throws IOException {
            BitmapArea area = BitmapArea.of(member);
            area.check(member.superblock(), Sectors.BYTES);
            areas.put(member.superblock().deviceNumber(), area);
            try {
                MemberBitmap bitmap = MemberBitmap.read(member, reference.usedSectors());
                boolean unlike = !heads.isEmpty()
                        && heads.getFirst().chunkBytes() != bitmap.head().chunkBytes();
                if (unlike) {
                    throw new ArrayRefusedException(
                            Reason.CORRUPT,
                            member.name() + ": its write-intent bitmap has other chunks than the others'");
                }
                heads.add(bitmap.head());
                bits.add(bitmap.dirtyChunks());
            } catch (ArrayRefusedException e) {
                if (e.reason() == Reason.UNSUPPORTED) {
                    throw e;
                }
                corrupt = e;
            }
        }

        private boolean isCurrent(BitmapSuperblock head) {
            return Long.compareUnsigned(head.events(), reference.events()) >= 0
                    && (head.state() & BitmapSuperblock.STALE) == 0;
        }

        /** The head with the highest events_cleared: by it the fewest members that come back can use the bitmap. */
        private BitmapSuperblock newest() {
            BitmapSuperblock newest = heads.getFirst();
            for (BitmapSuperblock head : heads) {
                newest = head.eventsCleared() > newest.eventsCleared() ? head : newest;
            }
            return newest;
        }
    }

    /** The head with the highest events_cleared among the members' bitmaps. */
    public BitmapSuperblock head() {
        return head;
    }

    /** True if the bits are valid. */
    public boolean current() {
        return current;
    }

    /** True if every member's bitmap is current and has the same bits. */
    public boolean alike() {
        return alike;
    }

    /** The chunks that must be resynced if the array is dirty; all chunks if the bitmaps are not {@link #current}. */
    public BitSet dirtyChunks() {
        return (BitSet) dirtyChunks.clone();
    }

    /** The area of the bitmap on each member, by device number. */
    public Map<Integer, BitmapArea> areas() {
        return Map.copyOf(areas);
    }

    /**
     * The bitmap with which the array continues.
     *
     * @param keepBits true if the bits that were found are still needed; false only if all parity is correct and no
     *     member is missing
     */
    public BitmapImage image(Superblock reference, boolean keepBits) {
        long events = current ? Math.max(head.events(), reference.events()) : reference.events();
        long cleared = current ? head.eventsCleared() : reference.events();
        BitmapSuperblock next = head.with(events, cleared, reference.usedSectors());
        BitSet bits = current || keepBits ? dirtyChunks : new BitSet();
        return new BitmapImage(next, reference.usedSectors(), reference.pieceBytes(), bits);
    }
}
