package io.mdfuse.raid.superblock;

import static java.util.Objects.requireNonNull;

import io.mdfuse.device.DeviceException;
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
 *       written. The states of a lockless bitmap must be the same on all members; where they differ the chunk counts
 *       as {@link ChunkState#NEED_SYNC}, which is right for any content: parity is made again, and nothing is skipped.
 *   <li>A bitmap that is corrupt is not current. One in a hole of a rescued image counts like that of a missing
 *       member: the others' have every mark. If no member has a readable one, the array is refused, since the size of
 *       its chunks is unknown.
 * </ol>
 */
public final class FoundBitmap {
    private final BitmapSuperblock head;
    private final Map<Integer, BitmapArea> areas;
    private final boolean current;
    private final boolean alike;
    private final BitSet dirtyChunks;
    private final @Nullable ChunkStates states;
    private final @Nullable ChunkStates stored;

    private FoundBitmap(
            BitmapSuperblock head,
            Map<Integer, BitmapArea> areas,
            boolean current,
            boolean alike,
            BitSet dirtyChunks,
            @Nullable ChunkStates states,
            @Nullable ChunkStates stored) {
        this.head = head;
        this.areas = areas;
        this.current = current;
        this.alike = alike;
        this.dirtyChunks = dirtyChunks;
        this.states = states;
        this.stored = stored;
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
        private final List<MemberBitmap> bitmaps = new ArrayList<>();
        private @Nullable ArrayRefusedException corrupt;
        private @Nullable ArrayRefusedException inHole;

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
                ArrayRefusedException unusable = corrupt != null ? corrupt : inHole;
                throw unusable != null
                        ? unusable
                        : new ArrayRefusedException(Reason.MISSING, "no member with a write-intent bitmap is here");
            }
            boolean current = corrupt == null && heads.stream().allMatch(this::isCurrent);
            BitmapSuperblock newest = newest();
            if (newest.lockless()) {
                return ofStates(newest, current);
            }
            BitSet union = new BitSet();
            bitmaps.forEach(each -> union.or(each.dirtyChunks()));
            boolean alike =
                    current && bitmaps.stream().map(MemberBitmap::dirtyChunks).allMatch(union::equals);
            if (!current) {
                union.set(0, newest.chunks(reference.usedSectors()));
            }
            return new FoundBitmap(newest, areas, current, alike, union, null, null);
        }

        private FoundBitmap ofStates(BitmapSuperblock newest, boolean current) {
            ChunkStates united = new ChunkStates(
                    newest.chunkSectors(), newest.chunks(reference.usedSectors()), ChunkState.NEED_SYNC);
            ChunkStates stored = new ChunkStates(
                    newest.chunkSectors(), newest.chunks(reference.usedSectors()), ChunkState.NEED_SYNC);
            boolean alike = current && bitmaps.stream().allMatch(MemberBitmap::allKnown);
            for (int chunk = 0; current && chunk < united.chunks(); chunk++) {
                int at = chunk;
                ChunkState first = requireNonNull(bitmaps.getFirst().states()).get(at);
                boolean same = bitmaps.stream()
                        .allMatch(each -> requireNonNull(each.states()).get(at) == first);
                alike &= same;
                united.set(chunk, same ? first.whenOpened() : ChunkState.NEED_SYNC);
                stored.set(chunk, same ? first : ChunkState.NEED_SYNC);
            }
            return new FoundBitmap(newest, areas, current, alike, united.where(ChunkState::isMarked), united, stored);
        }

        private void read(FoundDevice member) throws IOException {
            BitmapArea area = BitmapArea.of(member);
            area.check(member.superblock(), Sectors.BYTES);
            areas.put(member.superblock().deviceNumber(), area);
            try {
                MemberBitmap bitmap = MemberBitmap.read(member, reference.usedSectors());
                boolean unlike = !heads.isEmpty()
                        && (heads.getFirst().chunkBytes() != bitmap.head().chunkBytes()
                                || heads.getFirst().version() != bitmap.head().version());
                if (unlike) {
                    throw new ArrayRefusedException(
                            Reason.CORRUPT,
                            member.name() + ": its write-intent bitmap has other chunks than the others'");
                }
                heads.add(bitmap.head());
                bitmaps.add(bitmap);
            } catch (ArrayRefusedException e) {
                if (e.reason() == Reason.UNSUPPORTED) {
                    throw e;
                }
                corrupt = e;
            } catch (DeviceException e) {
                // A rescued image without this part, which is only read.
                if (member.device().unreadable().isEmpty()) {
                    throw e;
                }
                inHole = new ArrayRefusedException(Reason.CORRUPT, String.valueOf(e.getMessage()));
            }
        }

        private boolean isCurrent(BitmapSuperblock head) {
            return Long.compareUnsigned(head.events(), reference.events()) >= 0 && !head.isStale();
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

    /**
     * The states of a lockless bitmap, as they are when the array has been opened; null for version 4. If the bitmaps
     * are not {@link #current}, every chunk is {@link ChunkState#NEED_SYNC}.
     */
    public @Nullable ChunkStates states() {
        return states;
    }

    /**
     * This bitmap of an array that was stopped cleanly and is not opened for writing. A chunk that is stored as
     * {@link ChunkState#DIRTY} has valid parity then, since every write has ended; an array keeps such chunks while a
     * member is missing, and for some seconds after a write.
     */
    public FoundBitmap ofStoppedArray() {
        return new FoundBitmap(head, areas, current, alike, dirtyChunks, stored, stored);
    }

    /** The area of the bitmap on each member, by device number. */
    public Map<Integer, BitmapArea> areas() {
        return Map.copyOf(areas);
    }

    /**
     * The bitmap of version 4 with which the array continues.
     *
     * @param keepBits true if the bits that were found are still needed; false only if all parity is correct and no
     *     member is missing
     */
    public BitImage bits(Superblock reference, boolean keepBits) {
        BitSet bits = current || keepBits ? dirtyChunks : new BitSet();
        return new BitImage(nextHead(reference), reference.usedSectors(), reference.pieceBytes(), bits);
    }

    /** The lockless bitmap with which the array continues; it changes {@link #states}. */
    public StateImage stateImage(Superblock reference) {
        return new StateImage(
                nextHead(reference), reference.usedSectors(), reference.pieceBytes(), requireNonNull(states));
    }

    private BitmapSuperblock nextHead(Superblock reference) {
        long events = current ? Math.max(head.events(), reference.events()) : reference.events();
        long cleared = current ? head.eventsCleared() : reference.events();
        return head.with(events, cleared, reference.usedSectors());
    }
}
