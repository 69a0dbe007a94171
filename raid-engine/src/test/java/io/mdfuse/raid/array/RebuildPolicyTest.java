package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import io.mdfuse.raid.superblock.SuperblockWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What new members mean to a write-intent bitmap and to partial parity logs. */
class RebuildPolicyTest {
    private static final ParityLayout LAYOUT = ParityLayout.LEFT_SYMMETRIC_5;
    private static final PolicyShape BITMAP = new PolicyShape(LAYOUT, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);
    private static final PolicyShape PPL = new PolicyShape(LAYOUT, 3, 16, 8, Features.PPL, Superblock.IN_SYNC);

    private final CrashTrace trace = CrashTrace.recording();
    private final ManualTimer timer = new ManualTimer();

    private CrashDisk blank(String name) {
        return BITMAP.blank(name, trace);
    }

    private static BitSet set(int... bits) {
        BitSet set = new BitSet();
        for (int bit : bits) {
            set.set(bit);
        }
        return set;
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            timer.pass(5000);
        }
    }

    @Test
    void aNewMemberGetsTheBitmapAndHasItsPartInEveryBit() throws IOException {
        List<CrashDisk> disks = BITMAP.create(trace);
        byte[] content = new byte[(int) BITMAP.geometry().arrayBytes()];
        Random random = new Random(1);
        RaidArray array = PolicyShape.open(disks, timer);
        Rebuilds.write(array, content, 0, content.length, random);
        settle();
        Rebuilds.manager(array).fail("disk1", false);
        Rebuilds.write(array, content, 0, 4096, random);
        settle();
        assertEquals(set(0), BITMAP.bits(disks.get(0)), "kept while a member is missing");
        Rebuilds.manager(array).remove("disk1");
        disks.set(1, blank("new"));
        array.setAttribute("sync_action", "frozen");
        Rebuilds.manager(array).add(disks.get(1), false);
        array.setAttribute("sync_action", "recover");
        timer.pass(1);
        assertEquals("0", array.attributes().get("degraded"));
        assertEquals(set(0), BITMAP.bits(disks.get(1)));
        settle();
        Rebuilds.write(array, content, (int) Sectors.toBytes(BITMAP.geometry().rowSectors()), 4096, random);
        for (CrashDisk disk : disks) {
            assertEquals(set(2), BITMAP.bits(disk), disk.name());
        }
        Rebuilds.assertReads(array, content, "rebuilt");
        array.close();
        assertEquals(-1, BITMAP.wrongParity(disks));
        RaidArray again = PolicyShape.open(Rebuilds.reopened(disks), timer);
        assertEquals("idle", again.attributes().get("sync_action"), "the new bitmap is believed");
        Rebuilds.assertReads(again, content, "opened again");
        again.close();
    }

    /** A write is cut short while a replacement is nearly complete: what the write left there is not trusted. */
    @Test
    void aReplacementOfAnArrayThatCrashedIsFilledAnew() throws IOException {
        List<CrashDisk> disks = BITMAP.create(trace);
        CrashDisk next = blank("next");
        byte[] content = new byte[(int) BITMAP.geometry().arrayBytes()];
        Random random = new Random(2);
        RaidArray array = PolicyShape.open(disks, timer);
        Rebuilds.write(array, content, 0, content.length, random);
        settle();
        int[] ranges = new int[1];
        int[] from = new int[1];
        HookedDevice hooked = new HookedDevice(next, () -> {
            if (ranges[0]++ == 6) {
                from[0] = trace.length();
                Rebuilds.write(array, content.clone(), 0, 4096, random);
                throw new IOException("far enough");
            }
        });
        hooked.arm(Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS));
        Rebuilds.manager(array).replaceWithNew("disk0", hooked, false);
        assertTrue(from[0] > 0, "the write came");
        int end = trace.length();
        for (int cut = from[0]; cut <= end; cut++) {
            for (int seed = 0; seed < 4; seed++) {
                check(trace.materialise(cut, new Survival.Seeded(seed * 1000L + cut)), content, "cut " + cut);
            }
        }
    }

    private static void check(List<CrashDisk> found, byte[] content, String words) throws IOException {
        ManualTimer timer = new ManualTimer();
        RaidArray array =
                PolicyShape.open(found, timer, AssembleOptions.defaults().withRun(true));
        timer.pass(1);
        byte[] read = new byte[content.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(read.length);
            array.read(0, all);
            MemorySegment.copy(all, ValueLayout.JAVA_BYTE, 0, read, 0, read.length);
        }
        Arrays.fill(read, 0, 4096, (byte) 0);
        byte[] expected = content.clone();
        Arrays.fill(expected, 0, 4096, (byte) 0);
        assertEquals(-1, Arrays.mismatch(expected, read), words);
        boolean replaced = Rebuilds.attribute(array, "rd0").equals("in_sync next");
        array.close();
        assertTrue(replaced, words);
        assertEquals(-1, BITMAP.wrongParity(List.of(found.get(1), found.get(2), found.get(3))), words);
    }

    /** A device whose log is smaller than the others' would be full before they are. */
    @Test
    void aSpareWithASmallerPartialParityLogStaysASpare() throws IOException {
        List<CrashDisk> disks = PPL.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        MemberManager manager = Rebuilds.manager(array);
        CrashDisk spare = blank("spare");
        manager.add(spare, false);
        array.close();
        CrashDisk changed = PolicyShape.reopen(spare);
        Superblock own = SuperblockLocator.find(changed).orElseThrow();
        SuperblockWriter.writeFirst(
                changed, own.edit(editor -> editor.ppl(own.pplOffsetSectors(), own.pplSizeSectors() - 8)));
        changed.flush();
        List<CrashDisk> all = new ArrayList<>(disks);
        all.add(changed);
        RaidArray again = PolicyShape.open(Rebuilds.reopened(all), timer);
        Rebuilds.manager(again).fail("disk1", false);
        timer.pass(1);
        assertEquals("1", again.attributes().get("degraded"));
        assertEquals("spare spare", again.attributes().get("dev3"));
        Rebuilds.manager(again).add(blank("another"), false);
        assertEquals("in_sync another", again.attributes().get("rd1"), "it does not stand in the way of others");
        again.close();
    }
}
