package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** A RAID-5 with a bitmap, full of random data, for the tests of members that come back. */
abstract class ReAddFixture {
    static final ParityLayout LAYOUT = ParityLayout.LEFT_SYMMETRIC_5;
    static final PolicyShape SHAPE = new PolicyShape(LAYOUT, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);
    static final int ROW_BYTES = 2 * 16 * 512;
    final CrashTrace trace = CrashTrace.recording();
    ManualTimer timer = new ManualTimer();
    final Random random = new Random(7);
    final byte[] content = new byte[(int) SHAPE.geometry().arrayBytes()];

    List<CrashDisk> filled() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = open(disks, false);
        Rebuilds.write(array, content, 0, content.length, random);
        settle();
        array.close();
        return reopened(disks);
    }

    /** Opens an array with a timer of its own, which is shut down with it. */
    RaidArray open(List<CrashDisk> disks, boolean run) throws IOException {
        timer = new ManualTimer();
        return PolicyShape.open(disks, timer, AssembleOptions.defaults().withRun(run));
    }

    static List<CrashDisk> reopened(List<CrashDisk> disks) {
        return Rebuilds.reopened(disks);
    }

    /** The same disks, on this test's trace. */
    List<CrashDisk> onTrace(List<CrashDisk> disks) {
        return CrashDisk.onTrace(disks, trace);
    }

    void settle() {
        for (int i = 0; i < 4; i++) {
            timer.pass(5000);
        }
    }

    /** The stripes that were written on a disk since the trace was started anew. */
    BitSet stripesWritten(String name) {
        BitSet stripes = new BitSet();
        for (DiskEvent event : trace.events()) {
            long dataBytes = event instanceof DiskEvent.Write write
                            && trace.disks().get(write.disk()).name().equals(name)
                    ? write.offsetBytes() - Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS)
                    : -1;
            if (dataBytes >= 0 && event instanceof DiskEvent.Write write) {
                stripes.set((int) (dataBytes / 4096), (int) ((dataBytes + write.bytes().length - 1) / 4096) + 1);
            }
        }
        return stripes;
    }

    static BitSet set(int... bits) {
        BitSet set = new BitSet();
        for (int bit : bits) {
            set.set(bit);
        }
        return set;
    }

    void assertWhole(RaidArray array, List<CrashDisk> disks) throws IOException {
        assertEquals("0", array.attributes().get("degraded"));
        Rebuilds.assertReads(array, content, "whole again");
        settle();
        for (CrashDisk disk : disks) {
            assertEquals(set(), SHAPE.bits(disk), "no member lacks anything: " + disk.name());
        }
        array.close();
        assertEquals(-1, SHAPE.wrongParity(disks));
        for (CrashDisk disk : disks) {
            Superblock superblock =
                    MemberLocator.require(PolicyShape.reopen(disk)).superblock();
            assertEquals(Features.BITMAP, superblock.featureMap(), disk.name());
        }
        // Every block of every member is correct: the array can be read without any one member.
        for (int gone = 0; gone < disks.size(); gone++) {
            List<CrashDisk> left = new ArrayList<>(reopened(disks));
            left.remove(gone);
            RaidArray without = PolicyShape.open(
                    left,
                    new ManualTimer(),
                    AssembleOptions.defaults().withRun(true).withReadOnly(true));
            Rebuilds.assertReads(without, content, "without member " + gone);
            without.close();
        }
    }
}
