package io.mdfuse.raid.lost;

import static io.mdfuse.raid.lost.BlockBytes.*;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Clues of an XFS: the headers of its allocation groups have their number, and since version 5 each inode, directory
 * block and tree block has its own address and the file system's UUID (Linux fs/xfs/libxfs/xfs_format.h,
 * xfs_da_format.h).
 */
final class XfsClues implements ClueSource {
    private static final int MAX_CLUES = 300_000;
    private static final int SB = 0x58465342;
    private static final int AGF = 0x58414746;
    private static final int AGI = 0x58414749;
    private static final int INODE = 0x494e;
    /** Directory blocks (XDB3, XDD3): address at 8, UUID at 24. */
    private static final List<Integer> DIRECTORY = List.of(0x58444233, 0x58444433);
    /** Trees of an allocation group (AB3B, AB3C, IAB3, FIB3, RMB3, R3FC): address at 16, UUID at 32. */
    private static final List<Integer> SHORT_TREE =
            List.of(0x41423342, 0x41423343, 0x49414233, 0x46494233, 0x524d4233, 0x52334643);
    /** Extent trees of files (BMA3): address at 24, UUID at 40. */
    private static final int LONG_TREE = 0x424d4133;

    private final byte[] uuid;
    private final long bytes;
    private final long agBytes;
    private final int blockBytes;
    private final int inodeBytes;
    private final int inodesPerBlockLog;
    private final int agBlocksLog;
    private final List<Clue> clues = new ArrayList<>();

    private XfsClues(MemorySegment sb) {
        this.uuid = copy(sb, 32, 16);
        this.blockBytes = be32(sb, 4);
        this.bytes = be64(sb, 8) * blockBytes;
        this.agBytes = (be32(sb, 84) & 0xffff_ffffL) * blockBytes;
        this.inodeBytes = be16(sb, 104);
        this.inodesPerBlockLog = unsignedByte(sb, 123);
        this.agBlocksLog = unsignedByte(sb, 124);
    }

    /** From any copy of the superblock; empty if the block is none. Only file systems with blocks of 4 KiB. */
    static Optional<XfsClues> of(MemorySegment block) {
        if (be32(block, 0) != SB || be32(block, 4) != BLOCK) {
            return Optional.empty();
        }
        XfsClues found = new XfsClues(block);
        boolean sound = found.agBytes > 0
                && found.inodeBytes >= 256
                && found.inodeBytes <= 2048
                && Integer.bitCount(found.inodeBytes) == 1
                && found.inodesPerBlockLog <= 4
                && found.agBlocksLog > 0
                && found.agBlocksLog <= 31;
        return sound ? Optional.of(found) : Optional.empty();
    }

    boolean isSame(XfsClues other) {
        return Arrays.equals(uuid, other.uuid);
    }

    @Override
    public String name() {
        return "XFS";
    }

    @Override
    public long sizeBytes() {
        return bytes;
    }

    @Override
    public void look(int device, long deviceBytes, MemorySegment block) {
        long volumeBytes = place(block);
        if (volumeBytes >= 0 && clues.size() < MAX_CLUES) {
            clues.add(new Clue(device, deviceBytes, volumeBytes));
        }
    }

    private long place(MemorySegment block) {
        int magic = be32(block, 0);
        if (magic == SB && be32(block, 512) == AGF && hasUuid(block, 32)) {
            return be32(block, 512 + 8) * agBytes;
        }
        if (magic == AGF) {
            return be32(block, 8) * agBytes + BLOCK;
        }
        if (magic == AGI) {
            return be32(block, 8) * agBytes + 2L * BLOCK;
        }
        if (DIRECTORY.contains(magic) && hasUuid(block, 24)) {
            return address(block, 8);
        }
        if (SHORT_TREE.contains(magic) && hasUuid(block, 32)) {
            return address(block, 16);
        }
        if (magic == LONG_TREE && hasUuid(block, 40)) {
            return address(block, 24);
        }
        return be16(block, 0) == INODE ? inodePlace(block) : -1;
    }

    private static long address(MemorySegment block, int at) {
        long sectors = be64(block, at);
        return sectors >= 0 && sectors < Long.MAX_VALUE / 512 && sectors % 8 == 0 ? sectors * 512 : -1;
    }

    private long inodePlace(MemorySegment block) {
        for (int at = 0; at + inodeBytes <= BLOCK; at += inodeBytes) {
            if (be16(block, at) == INODE && unsignedByte(block, at + 4) == 3 && hasUuid(block, at + 160)) {
                long number = be64(block, at + 152);
                long group = number >>> (agBlocksLog + inodesPerBlockLog);
                long groupBlock = number >>> inodesPerBlockLog & (1L << agBlocksLog) - 1;
                return group * agBytes + groupBlock * blockBytes;
            }
        }
        return -1;
    }

    private boolean hasUuid(MemorySegment block, int at) {
        return block.asSlice(at, 16).mismatch(MemorySegment.ofArray(uuid)) < 0;
    }

    @Override
    public List<Clue> clues() {
        return clues;
    }
}
