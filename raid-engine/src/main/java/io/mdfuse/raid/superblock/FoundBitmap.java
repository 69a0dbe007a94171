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
 * What the write-intent bitmaps of an array's members say together.
 *
 * <ol>
 *   <li>A bitmap is <b>current</b> where its events are not behind the array's and its stale bit is not set. md reads
 *       the first one it finds; here all members' have to be current, or none is believed.
 *   <li>A chunk is dirty where any member says so: bits are set on all members before the first is written.
 *   <li>A bitmap that can't be made out is not believed; where no member has one that can, the array is refused, since
 *       nobody knows how long its chunks are.
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
     * Reads the bitmaps of an array, where it has them.
     *
     * @throws ArrayRefusedException where they are of a kind that is not served, or none can be made out
     */
    public static Optional<FoundBitmap> find(Assembly assembly) throws IOException {
        if (!assembly.reference().hasFeature(Features.BITMAP)) {
            return Optional.empty();
        }
        return Optional.of(new Search(assembly.reference()).over(assembly.slots()));
    }

    /** The one pass over the members. */
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

        /** The one whose bits were cleared last: it is the strictest about members that come back. */
        private BitmapSuperblock newest() {
            BitmapSuperblock newest = heads.getFirst();
            for (BitmapSuperblock head : heads) {
                newest = head.eventsCleared() > newest.eventsCleared() ? head : newest;
            }
            return newest;
        }
    }

    /** The head that a bitmap of this array has. */
    public BitmapSuperblock head() {
        return head;
    }

    /** True where the bits can be believed. */
    public boolean current() {
        return current;
    }

    /** True where every member's bitmap is current and has the same bits. */
    public boolean alike() {
        return alike;
    }

    /** What has to be resynced, by chunk, where the array is dirty; everything where the bits can't be believed. */
    public BitSet dirtyChunks() {
        return (BitSet) dirtyChunks.clone();
    }

    /** Where the bitmap lies on each member, by its device number. */
    public Map<Integer, BitmapArea> areas() {
        return Map.copyOf(areas);
    }

    /**
     * The bitmap as it is to go on.
     *
     * @param keepBits whether the bits found have to be kept; if not, all parity is right and nobody is absent
     */
    public BitmapImage image(Superblock reference, boolean keepBits) {
        long events = current ? Math.max(head.events(), reference.events()) : reference.events();
        long cleared = current ? head.eventsCleared() : reference.events();
        BitmapSuperblock next = head.with(events, cleared, reference.usedSectors());
        BitSet bits = current || keepBits ? dirtyChunks : new BitSet();
        return new BitmapImage(next, reference.usedSectors(), reference.pieceBytes(), bits);
    }
}
