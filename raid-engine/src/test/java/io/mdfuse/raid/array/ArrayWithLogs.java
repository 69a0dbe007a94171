package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A closed array with all members and random content, whose members have bad-block logs. */
final class ArrayWithLogs {
    final ArrayShape shape;
    final byte[] content;
    List<CrashDisk> disks;

    ArrayWithLogs(ArrayShape shape, Random random) throws IOException {
        this.shape = shape;
        this.disks = shape.create(CrashTrace.notRecording());
        this.content = new byte[(int) shape.geometry().arrayBytes()];
        ListedBlocks.giveLogs(disks.subList(0, shape.disks()), ArrayShape.DATA_OFFSET_SECTORS);
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, random);
        array.close();
        disks = Rebuilds.reopened(disks);
    }

    /** Lists as many blocks of each stripe as parity can replace, in changing slots; some stripes have none. */
    void listMany(int first) throws IOException {
        for (int slot = 0; slot < shape.disks(); slot++) {
            List<Long> sectors = new ArrayList<>();
            for (long stripe = 0; stripe < shape.geometry().memberSectors() / 8; stripe++) {
                for (int k = 0; k < shape.layout().parityCount(); k++) {
                    long chosen = (first + stripe + stripe / shape.disks() + 2L * k) % (shape.disks() + 1);
                    if (chosen == slot) {
                        sectors.add(stripe * 8);
                    }
                }
            }
            ListedBlocks.list(
                    disks.get(slot), sectors.stream().mapToLong(Long::longValue).toArray());
        }
    }

    RaidArray open() throws IOException {
        return shape.open(disks);
    }

    void reopen() {
        disks = Rebuilds.reopened(disks);
    }

    long listed() throws IOException {
        long sectors = 0;
        for (CrashDisk disk : disks.subList(0, shape.disks())) {
            sectors +=
                    ListedBlocks.on(disk).stream().mapToLong(BadRange::sectors).sum();
        }
        return sectors;
    }

    /** A clean array without a journal, or with one of so many blocks; a chunk has 16 sectors. */
    static ArrayShape shape(ParityLayout layout, int disks, int rows, int journalBlocks) {
        return new ArrayShape(layout, disks, 16, rows, journalBlocks, Superblock.IN_SYNC, false);
    }

    /** Reads a part of the volume. */
    static byte[] read(RaidArray array, long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(offset, target);
            return target.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
    }
}
