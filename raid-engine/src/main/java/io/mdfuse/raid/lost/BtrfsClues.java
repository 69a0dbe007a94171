package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Clues of a btrfs on one device: each tree block has its own logical address, and the chunk tree says where in the
 * volume that lies.
 *
 * <p>The chunk tree's leaves are themselves in pieces if the array's chunk is shorter than a tree block: the keys
 * stand at a leaf's start and what they name at its end, counted from the end. So the last 4096 bytes of a leaf are
 * recognised on their own, by the UUIDs that they end with, and the start whose sizes fit names what they hold.
 */
final class BtrfsClues implements ClueSource {
    private static final int MAX_TREE_BLOCKS = 100_000;
    private static final int MAX_LEAVES = 64;
    private static final int MAX_CHECKED = 100;
    /** A shape whose missing devices keep it from being checked must not be better than one that was. */
    private static final double NOT_CHECKED = 0.7;

    private static final int HEADER_BYTES = 101;
    private static final int ITEM_BYTES = 25;
    private static final int CHUNK_TREE = 3;
    private static final int CHUNK_ITEM = 228;

    private final BtrfsShape shape;
    private final List<Clue> clues = new ArrayList<>();
    private final List<TreeBlock> treeBlocks = new ArrayList<>();
    private final List<MemorySegment> leafStarts = new ArrayList<>();
    private final List<MemorySegment> leafEnds = new ArrayList<>();
    /** The logical address of the tree block at each place of the volume. */
    private final Map<Long, Long> logicalAt = new HashMap<>();

    private record TreeBlock(int device, long deviceBytes, long logicalBytes) {}

    BtrfsClues(BtrfsShape shape) {
        this.shape = shape;
    }

    @Override
    public String name() {
        return "btrfs";
    }

    @Override
    public long sizeBytes() {
        return shape.bytes();
    }

    @Override
    public void look(int device, long deviceBytes, MemorySegment block) {
        BtrfsShape.in(block)
                .filter(copy -> copy.shape().isSame(shape))
                .ifPresent(copy -> clues.add(new Clue(device, deviceBytes, copy.volumeBytes())));
        if (shape.isTreeBlock(block) && treeBlocks.size() < MAX_TREE_BLOCKS) {
            treeBlocks.add(new TreeBlock(device, deviceBytes, le64(block, 48)));
            boolean chunkLeaf = le64(block, 88) == CHUNK_TREE && unsignedByte(block, 100) == 0;
            keep(chunkLeaf, block, leafStarts);
        }
        keep(endsLikeLeaf(block), block, leafEnds);
    }

    private static void keep(boolean wanted, MemorySegment block, List<MemorySegment> kept) {
        if (wanted && kept.size() < MAX_LEAVES) {
            kept.add(MemorySegment.ofArray(copy(block, 0, BLOCK)));
        }
    }

    /** The chunk tree's first item, of the device, ends with both UUIDs; a chunk ends with the device's. */
    private boolean endsLikeLeaf(MemorySegment block) {
        MemorySegment device = MemorySegment.ofArray(shape.deviceId());
        return block.asSlice(BLOCK - 16, 16).mismatch(device) < 0
                || block.asSlice(BLOCK - 32, 16).mismatch(device) < 0;
    }

    @Override
    public List<Clue> clues() {
        List<BtrfsChunk> chunks = new ArrayList<>(shape.systemChunks());
        leafStarts.forEach(start -> chunks.addAll(chunksOf(start)));
        List<BtrfsChunk> distinct = chunks.stream().distinct().toList();
        for (TreeBlock found : treeBlocks) {
            distinct.stream()
                    .flatMap(chunk -> chunk.places(found.logicalBytes).stream())
                    .distinct()
                    .forEach(place -> {
                        logicalAt.put(place, found.logicalBytes);
                        clues.add(new Clue(found.device, found.deviceBytes, place));
                    });
        }
        return clues;
    }

    /** The chunks that a leaf's start names, from the end with which most of its sizes fit. */
    private List<BtrfsChunk> chunksOf(MemorySegment start) {
        List<BtrfsChunk> best = List.of();
        for (MemorySegment end : leafEnds) {
            List<BtrfsChunk> found = chunksOf(start, end);
            if (found.size() > best.size()) {
                best = found;
            }
        }
        return best;
    }

    private List<BtrfsChunk> chunksOf(MemorySegment start, MemorySegment end) {
        List<BtrfsChunk> chunks = new ArrayList<>();
        long items = Math.min(le32(start, 96), (BLOCK - HEADER_BYTES) / ITEM_BYTES);
        for (int item = 0; item < items; item++) {
            int at = HEADER_BYTES + item * ITEM_BYTES;
            long inEnd = HEADER_BYTES + unsignedLe32(start, at + 17) - (shape.nodeBytes() - BLOCK);
            int bytes = le32(start, at + 21);
            boolean isChunk = unsignedByte(start, at + 8) == CHUNK_ITEM && inEnd >= 0 && inEnd < BLOCK;
            if (isChunk && BtrfsChunk.isSound(end, (int) inEnd, bytes)) {
                chunks.add(BtrfsChunk.of(end, (int) inEnd, le64(start, at + 9)));
            }
        }
        return chunks;
    }

    /** Tree blocks where the arrangement puts them, solved from parity if a device is missing: their checksums. */
    @Override
    public double mapFit(Arrangement arrangement, LostDevices devices, StripeSample sample) {
        if (!shape.crc32c()) {
            return 1;
        }
        List<Long> places = logicalAt.keySet().stream().sorted().toList();
        int step = Math.max(1, places.size() / MAX_CHECKED);
        MemorySegment node = MemorySegment.ofArray(new byte[shape.nodeBytes()]);
        int seen = 0;
        double right = 0;
        for (int index = 0; index < places.size(); index += step) {
            boolean readable = true;
            for (int at = 0; at < shape.nodeBytes(); at += BLOCK) {
                readable &= devices.readVolume(arrangement, places.get(index) + at, node.asSlice(at, BLOCK));
            }
            // A second copy that was never written, or was trimmed, says nothing.
            if (!readable) {
                seen++;
                right += NOT_CHECKED;
            } else if (!devices.isZero(node.asSlice(0, BLOCK))) {
                seen++;
                right += fits(node, logicalAt.getOrDefault(places.get(index), 0L)) ? 1 : 0;
            }
        }
        return seen == 0 ? 1 : right / seen;
    }

    private static boolean fits(MemorySegment node, long logicalBytes) {
        CRC32C crc = new CRC32C();
        crc.update(copy(node, 32, (int) node.byteSize() - 32));
        return le32(node, 0) == (int) crc.getValue() && le64(node, 48) == logicalBytes;
    }
}
