package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Clues of an ext4: copies of the superblock have the number of their group; with {@code metadata_csum} bitmaps are
 * recognised by the checksums in the group descriptors, and a block of inodes by the one inode number with which its
 * checksum fits. The extent of a directory then says where its first block belongs, which begins with the directory's
 * own inode number (Linux fs/ext4: bitmap.c, inode.c {@code ext4_inode_csum}, super.c
 * {@code ext4_group_desc_csum}).
 */
final class ExtClues implements ClueSource {
    private static final int MAX_INODE_BLOCKS = 1500;
    private static final int MAX_INODE_BLOCKS_PER_REGION = 60;
    private static final long REGION = 32L << 20;
    private static final int DESCRIPTOR_BYTES = 64;
    private static final int MAX_DESCRIPTOR_BLOCKS = 16;
    private static final int MAX_GROUPS_COMPARED = 24;
    /** A shape whose missing devices keep it from being checked must not be better than one that was. */
    private static final double NOT_CHECKED = 0.7;

    private static final long MAX_NUMBERS_TRIED = 200_000;
    private static final long NOWHERE = -1;
    private static final int DIRECTORY = 0x4000;
    private static final int TYPES = 0xf000;
    private static final int EXTENTS = 0xf30a;

    private final ExtShape shape;
    private final List<Clue> clues = new ArrayList<>();
    /** What the checksum of each other block would be if it were a bitmap: which of them are is known at the end. */
    private final ChecksumList checksums = new ChecksumList();

    private final Map<Integer, List<Spot>> directories = new HashMap<>();
    private final Map<Long, Integer> inodeBlocksOfRegion = new HashMap<>();
    private final List<InodeBlock> inodeBlocks = new ArrayList<>();
    private final Map<Integer, byte[]> descriptors = new TreeMap<>();
    private long nextInodeBlock;

    private record Spot(int device, long deviceBytes) {}

    private record InodeBlock(Spot spot, MemorySegment bytes) {}

    ExtClues(ExtShape shape) {
        this.shape = shape;
    }

    @Override
    public String name() {
        return "ext4";
    }

    @Override
    public long sizeBytes() {
        return shape.blocks() * shape.blockBytes();
    }

    @Override
    public void look(int device, long deviceBytes, MemorySegment block) {
        Optional<ExtShape.Copy> copy = ExtShape.in(block);
        if (copy.isPresent() && copy.get().shape().isSame(shape)) {
            clues.add(new Clue(device, deviceBytes, copy.get().volumeBytes()));
        }
        if (shape.checksums()) {
            for (int at = 0; at < BLOCK; at += shape.blockBytes()) {
                lookAtBlock(new Spot(device, deviceBytes + at), block.asSlice(at, shape.blockBytes()));
            }
        }
    }

    /** @param block one block of the file system */
    private void lookAtBlock(Spot spot, MemorySegment block) {
        if (le16(block, 4) == 12 && unsignedByte(block, 6) == 1 && unsignedByte(block, 8) == '.') {
            directories
                    .computeIfAbsent(le32(block, 0), number -> new ArrayList<>())
                    .add(spot);
        } else if (firstInode(block) >= 0) {
            keepInodes(spot, block);
        } else {
            byte[] bytes = copy(block, 0, shape.blockBytes());
            keepDescriptors(bytes);
            checksums.add(shape.bitmapChecksum(bytes), spot.device, spot.deviceBytes);
        }
    }

    private int firstInode(MemorySegment block) {
        for (int at = 0; at + shape.inodeBytes() <= block.byteSize(); at += shape.inodeBytes()) {
            int type = le16(block, at) & TYPES;
            boolean known = type == DIRECTORY || type == 0x8000;
            if (known && le16(block, at + 26) > 0 && le16(block, at + 40) == EXTENTS) {
                return at;
            }
        }
        return -1;
    }

    private void keepInodes(Spot spot, MemorySegment block) {
        long region = spot.device << 24L | spot.deviceBytes / REGION;
        int inRegion = inodeBlocksOfRegion.merge(region, 1, Integer::sum);
        if (inRegion <= MAX_INODE_BLOCKS_PER_REGION && inodeBlocks.size() < MAX_INODE_BLOCKS) {
            inodeBlocks.add(new InodeBlock(spot, MemorySegment.ofArray(copy(block, 0, shape.blockBytes()))));
        }
    }

    /** A block of group descriptors is known by the checksum of its first one, which covers the group's number. */
    private void keepDescriptors(byte[] bytes) {
        ByteBuffer fields = little(bytes);
        int perBlock = shape.blockBytes() / DESCRIPTOR_BYTES;
        long tables = Math.min(MAX_DESCRIPTOR_BLOCKS, Math.ceilDiv(shape.groups(), (long) perBlock));
        for (int at = 0; at < 12; at += 4) {
            long place = block(fields, at);
            if (place <= 0 || place >= shape.blocks()) {
                return;
            }
        }
        for (int table = 0; table < tables; table++) {
            if (!descriptors.containsKey(table) && descriptorFits(bytes, 0, table * perBlock)) {
                descriptors.put(table, bytes);
            }
        }
    }

    private boolean descriptorFits(byte[] bytes, int index, int group) {
        byte[] descriptor = new byte[DESCRIPTOR_BYTES];
        System.arraycopy(bytes, index * DESCRIPTOR_BYTES, descriptor, 0, DESCRIPTOR_BYTES);
        int stored = little(descriptor).getShort(30) & 0xffff;
        descriptor[30] = 0;
        descriptor[31] = 0;
        return (ExtShape.checksum(shape.uuid(), number(group), descriptor) & 0xffff) == stored;
    }

    @Override
    public List<Clue> clues() {
        int perBlock = shape.blockBytes() / DESCRIPTOR_BYTES;
        Map<Integer, Long> inodeTables = new TreeMap<>();
        Map<Integer, Long> bitmaps = new HashMap<>();
        descriptors.forEach((table, bytes) -> {
            for (int index = 0; index < perBlock && table * perBlock + index < shape.groups(); index++) {
                if (descriptorFits(bytes, index, table * perBlock + index)) {
                    ByteBuffer fields = little(bytes);
                    int at = index * DESCRIPTOR_BYTES;
                    // Full groups have equal bitmaps, which say nothing about their place.
                    bitmaps.merge(checksum(fields, at), block(fields, at), (one, other) -> NOWHERE);
                    inodeTables.put(table * perBlock + index, block(fields, at + 8));
                }
            }
        });
        checksums.forEach((checksum, device, deviceBytes) -> {
            Long place = checksum == 0 ? null : bitmaps.get(checksum);
            if (place != null) {
                add(new Spot(device, deviceBytes), place);
            }
        });
        if (!inodeTables.isEmpty()) {
            inodeBlocks.forEach(found -> addInodes(found, inodeTables));
        }
        return clues;
    }

    @Override
    public double mapFit(Arrangement arrangement, LostDevices devices, StripeSample sample) {
        UsedBlocks blocks = new UsedBlocks();
        int perBlock = shape.blockBytes() / DESCRIPTOR_BYTES;
        MemorySegment bitmap = MemorySegment.ofArray(new byte[shape.blockBytes()]);
        int right = 0;
        int wrong = 0;
        for (Map.Entry<Integer, byte[]> table : descriptors.entrySet()) {
            ByteBuffer fields = little(tableIn(arrangement, devices, table));
            for (int index = 0; index < perBlock && right + wrong < MAX_GROUPS_COMPARED; index++) {
                int group = table.getKey() * perBlock + index;
                int at = index * DESCRIPTOR_BYTES;
                long place = block(fields, at);
                boolean readable = group < shape.groups()
                        && checksum(fields, at) != 0
                        && place < shape.blocks()
                        && devices.readVolume(arrangement, place * shape.blockBytes(), bitmap);
                if (!readable) {
                    continue;
                }
                byte[] bytes = copy(bitmap, 0, shape.blockBytes());
                boolean fits = shape.bitmapChecksum(bytes) == checksum(fields, at);
                right += fits ? 1 : 0;
                wrong += fits ? 0 : 1;
                if (fits && shape.blockBytes() == BLOCK && shape.clustersPerGroup() == shape.blocksPerGroup()) {
                    addGroup(group, bitmap, blocks);
                }
            }
        }
        double unknown = descriptors.isEmpty() ? 1 : NOT_CHECKED;
        double lies = right + wrong == 0 ? unknown : (double) right / (right + wrong);
        return lies * blocks.fit(arrangement, sample);
    }

    /**
     * A block of descriptors at its first place, solved from parity if its device is missing. What was found elsewhere
     * is out of date if the file system was in use: Linux stores new checksums of bitmaps at the first place only.
     */
    private byte[] tableIn(Arrangement arrangement, LostDevices devices, Map.Entry<Integer, byte[]> found) {
        int table = found.getKey();
        MemorySegment block = MemorySegment.ofArray(new byte[shape.blockBytes()]);
        long place = (shape.firstBlock() + 1L + table) * shape.blockBytes();
        if (devices.readVolume(arrangement, place, block)) {
            byte[] bytes = copy(block, 0, shape.blockBytes());
            if (descriptorFits(bytes, 0, table * (shape.blockBytes() / DESCRIPTOR_BYTES))) {
                return bytes;
            }
        }
        return found.getValue();
    }

    private void addGroup(int group, MemorySegment bitmap, UsedBlocks blocks) {
        long first = group * shape.blocksPerGroup();
        long end = Math.min(shape.blocks(), first + shape.blocksPerGroup());
        for (long block = first; block < Math.min(end, Integer.MAX_VALUE); block++) {
            int bit = (int) (block - first);
            blocks.add((int) block, (unsignedByte(bitmap, bit / 8) >> bit % 8 & 1) != 0);
        }
    }

    /** The checksum of the block bitmap that a descriptor has. */
    private static int checksum(ByteBuffer descriptors, int at) {
        return (descriptors.getShort(at + 24) & 0xffff) | descriptors.getShort(at + 56) << 16;
    }

    private static long block(ByteBuffer descriptors, int at) {
        return (descriptors.getInt(at) & 0xffff_ffffL) | (long) descriptors.getInt(at + 32) << 32;
    }

    private void add(Spot spot, long volumeBlock) {
        if (volumeBlock > 0 && volumeBlock < shape.blocks()) {
            clues.add(new Clue(spot.device, spot.deviceBytes, volumeBlock * shape.blockBytes()));
        }
    }

    /** Tries every number that an inode at this place of a block can have. */
    private void addInodes(InodeBlock found, Map<Integer, Long> inodeTables) {
        int at = firstInode(found.bytes);
        byte[] inode = copy(found.bytes, at, shape.inodeBytes());
        ByteBuffer fields = little(inode);
        if (shape.inodeBytes() < 132) {
            return;
        }
        int stored = (fields.getShort(0x7c) & 0xffff) | fields.getShort(0x82) << 16;
        fields.putShort(0x7c, (short) 0).putShort(0x82, (short) 0);
        int perBlock = shape.blockBytes() / shape.inodeBytes();
        byte[] generation = number(fields.getInt(0x64));
        long blocksPerGroup = shape.inodesPerGroup() / perBlock;
        long total = blocksPerGroup * shape.groups();
        long tried = Math.min(total, MAX_NUMBERS_TRIED);
        // Blocks that follow each other on a device mostly have numbers that follow each other.
        for (long step = 0; step < tried; step++) {
            long block = (nextInodeBlock + step) % total;
            int number = (int) (block * perBlock + at / shape.inodeBytes() + 1);
            if (ExtShape.checksum(shape.uuid(), number(number), generation, inode) == stored) {
                nextInodeBlock = block + 1;
                int group = (int) (block / blocksPerGroup);
                Long table = inodeTables.get(group);
                if (table != null) {
                    add(found.spot, table + block % blocksPerGroup);
                }
                addDirectories(found.bytes, number - at / shape.inodeBytes());
                return;
            }
        }
    }

    private void addDirectories(MemorySegment inodes, int firstNumber) {
        for (int index = 0; index < shape.blockBytes() / shape.inodeBytes(); index++) {
            int at = index * shape.inodeBytes();
            boolean directory = (le16(inodes, at) & TYPES) == DIRECTORY && le16(inodes, at + 40) == EXTENTS;
            if (directory && le16(inodes, at + 42) > 0 && le16(inodes, at + 46) == 0 && le32(inodes, at + 52) == 0) {
                long block = unsignedLe32(inodes, at + 60) | (long) le16(inodes, at + 58) << 32;
                directories.getOrDefault(firstNumber + index, List.of()).forEach(spot -> add(spot, block));
            }
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] number(int number) {
        return little(new byte[4]).putInt(number).array();
    }
}
