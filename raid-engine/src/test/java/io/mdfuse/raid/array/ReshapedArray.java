package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.ReshapeState;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The members of an array in the middle of a reshape, written with the textbook's formulas for the layouts and for P
 * and Q, and not with the code under test. First the old shape is written completely, then the part that md has copied
 * is written in the new shape, over whatever lies there.
 *
 * @param newOffsetSectors by how much the data moves on every member
 * @param positionSectors a multiple of the chunk rows of both shapes
 * @param newLevel what the superblocks record as the new level; mdadm 4.6 records the level that is to follow
 */
record ReshapedArray(
        Shape before, Shape after, int newOffsetSectors, long positionSectors, boolean backwards, int newLevel) {
    private static final long DATA_OFFSET = 512;
    private static final int MEMBER_SECTORS = 768;
    private static final int Q_LAST = 18;

    ReshapedArray(Shape before, Shape after, int newOffsetSectors, long positionSectors, boolean backwards) {
        this(before, after, newOffsetSectors, positionSectors, backwards, after.level());
    }

    /** A level, a layout (2: left-symmetric, 18: the same with Q on the last disk), slots, and sectors of a chunk. */
    record Shape(int level, int layout, int disks, int chunk) {
        int data() {
            return disks - (level == 6 ? 2 : 1);
        }

        private int rotating() {
            return layout == Q_LAST ? disks - 1 : disks;
        }

        int slotOfP(int row) {
            return level == 4 ? disks - 1 : rotating() - 1 - row % rotating();
        }

        int slotOfQ(int row) {
            return layout == Q_LAST ? disks - 1 : (slotOfP(row) + 1) % disks;
        }

        int slotOf(int row, int index) {
            int parities = level == 6 && layout != Q_LAST ? 2 : 1;
            return level == 4 ? index : (slotOfP(row) + parities + index) % rotating();
        }

        /** The data indices of a row in the order in which Q weighs them: from the slot after Q on. */
        List<Integer> byWeight(int row) {
            List<Integer> order = new ArrayList<>();
            for (int step = 1; step <= disks; step++) {
                for (int index = 0; index < data(); index++) {
                    if (slotOf(row, index) == (slotOfQ(row) + step) % disks) {
                        order.add(index);
                    }
                }
            }
            return order;
        }
    }

    byte[] content() {
        byte[] content = new byte[MEMBER_SECTORS * Sectors.BYTES * Math.max(before.data(), after.data())];
        new Random(71).nextBytes(content);
        return content;
    }

    long volumeBytes() {
        return (long) MEMBER_SECTORS * Sectors.BYTES * Math.min(before.data(), after.data());
    }

    int slots() {
        return Math.max(before.disks(), after.disks());
    }

    /** The devices of all slots of both shapes. */
    List<CrashDisk> disks() throws IOException {
        List<CrashDisk> disks = new ArrayList<>();
        for (int slot = 0; slot < slots(); slot++) {
            disks.add(new CrashDisk("disk" + slot, Sectors.toBytes(2048), CrashTrace.notRecording()));
        }
        int oldRows = MEMBER_SECTORS / before.chunk();
        int newRows = MEMBER_SECTORS / after.chunk();
        int reached = (int) (positionSectors / after.chunk() / after.data());
        write(disks, before, DATA_OFFSET, 0, oldRows);
        write(
                disks,
                after,
                DATA_OFFSET + newOffsetSectors,
                backwards ? reached : 0,
                backwards ? newRows : Math.min(reached, newRows));
        for (int slot = 0; slot < slots(); slot++) {
            byte[] bytes = superblock(slot).toBytes();
            disks.get(slot).write(4096, MemorySegment.ofArray(bytes).asSlice(0, 1024));
            disks.get(slot).flush();
        }
        return disks;
    }

    private Superblock superblock(int slot) {
        boolean moves = newOffsetSectors != 0;
        boolean rebuilt = before.layout() == Q_LAST && slot == after.disks() - 1;
        byte[] uuid = new byte[16];
        uuid[0] = 9;
        byte[] deviceUuid = new byte[16];
        deviceUuid[0] = (byte) (slot + 1);
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 32);
        int delta = after.disks() - before.disks();
        editor.featureMap(Features.RESHAPE_ACTIVE
                | (backwards && delta == 0 ? Features.RESHAPE_BACKWARDS : 0)
                | (moves ? Features.NEW_OFFSET : 0)
                | (rebuilt ? Features.RECOVERY_OFFSET : 0));
        editor.setUuid(uuid).setName("host:moving").deviceNumber(slot).deviceUuid(deviceUuid);
        editor.level(before.level()).layout(before.layout()).chunkSectors(before.chunk());
        editor.raidDisks(after.disks()).usedSectors(MEMBER_SECTORS);
        editor.data(DATA_OFFSET, MEMBER_SECTORS).superOffsetSectors(8);
        editor.events(5).resyncOffsetSectors(Superblock.IN_SYNC);
        new ReshapeState(
                        positionSectors,
                        newLevel,
                        after.layout(),
                        (long) after.chunk() * Sectors.BYTES,
                        delta,
                        newOffsetSectors,
                        backwards)
                .store(editor);
        editor.recoveryOffsetSectors(rebuilt ? positionSectors / after.data() : 0);
        for (int number = 0; number < slots(); number++) {
            editor.role(number, number);
        }
        return Superblock.of(editor);
    }

    private void write(List<CrashDisk> disks, Shape shape, long dataOffset, int fromRow, int toRow) throws IOException {
        byte[] content = content();
        int chunkBytes = shape.chunk() * Sectors.BYTES;
        for (int row = fromRow; row < toRow; row++) {
            byte[] p = new byte[chunkBytes];
            byte[] q = new byte[chunkBytes];
            List<Integer> order = shape.byWeight(row);
            for (int i = order.size() - 1; i >= 0; i--) {
                int index = order.get(i);
                int from = (row * shape.data() + index) * chunkBytes;
                put(disks.get(shape.slotOf(row, index)), dataOffset, row, chunkBytes, content, from);
                for (int at = 0; at < chunkBytes; at++) {
                    p[at] ^= content[from + at];
                    q[at] = (byte) (twice(q[at]) ^ content[from + at]);
                }
            }
            put(disks.get(shape.slotOfP(row)), dataOffset, row, chunkBytes, p, 0);
            if (shape.level() == 6) {
                put(disks.get(shape.slotOfQ(row)), dataOffset, row, chunkBytes, q, 0);
            }
        }
    }

    private static int twice(byte value) {
        return (value & 0x7f) << 1 ^ (value < 0 ? 0x1d : 0);
    }

    private static void put(CrashDisk disk, long dataOffset, int row, int chunkBytes, byte[] source, int from)
            throws IOException {
        disk.write(
                Sectors.toBytes(dataOffset) + (long) row * chunkBytes,
                MemorySegment.ofArray(source).asSlice(from, chunkBytes));
    }
}
