package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DiskEvent;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member that comes back gets what it lacks by the bitmap, and all of it where that can't be known. */
class ReAddTest {
    private static final ParityLayout LAYOUT = ParityLayout.LEFT_SYMMETRIC_5;
    private static final PolicyShape SHAPE = new PolicyShape(LAYOUT, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);
    private static final int ROW_BYTES = 2 * 16 * 512;

    private final CrashTrace trace = CrashTrace.recording();
    private ManualTimer timer = new ManualTimer();
    private final Random random = new Random(7);
    private final byte[] content = new byte[(int) SHAPE.geometry().arrayBytes()];

    private List<CrashDisk> filled() throws IOException {
        List<CrashDisk> disks = SHAPE.create(trace);
        RaidArray array = open(disks, false);
        Rebuilds.write(array, content, 0, content.length, random);
        settle();
        array.close();
        return reopened(disks);
    }

    /** Opens an array with a timer of its own, which is shut down with it. */
    private RaidArray open(List<CrashDisk> disks, boolean run) throws IOException {
        timer = new ManualTimer();
        return PolicyShape.open(disks, timer, AssembleOptions.defaults().withRun(run));
    }

    private static List<CrashDisk> reopened(List<CrashDisk> disks) {
        return Rebuilds.reopened(disks);
    }

    /** The same disks, on this test's trace. */
    private List<CrashDisk> onTrace(List<CrashDisk> disks) {
        return CrashDisk.onTrace(disks, trace);
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            timer.pass(5000);
        }
    }

    /** The stripes that were written on a disk since the trace was started anew. */
    private BitSet stripesWritten(String name) {
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

    private static BitSet set(int... bits) {
        BitSet set = new BitSet();
        for (int bit : bits) {
            set.set(bit);
        }
        return set;
    }

    private void assertWhole(RaidArray array, List<CrashDisk> disks) throws IOException {
        assertEquals("0", array.attributes().get("degraded"));
        Rebuilds.assertReads(array, content, "whole again");
        settle();
        for (CrashDisk disk : disks) {
            assertEquals(set(), SHAPE.bits(disk), "nobody lacks anything: " + disk.name());
        }
        array.close();
        assertEquals(-1, SHAPE.wrongParity(disks));
        for (CrashDisk disk : disks) {
            Superblock superblock =
                    MemberLocator.require(PolicyShape.reopen(disk)).superblock();
            assertEquals(Features.BITMAP, superblock.featureMap(), disk.name());
        }
        // Every block of every member is right: any one may be gone.
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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void onlyWhatWasWrittenSinceIsCopied(int slot) throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk" + slot, false);
        Rebuilds.write(array, content, 0, 4096, random);
        Rebuilds.write(array, content, 5 * ROW_BYTES - 4096, 2 * 4096, random);
        settle();
        BitSet lacking = SHAPE.bits(disks.get((slot + 1) % 3));
        assertTrue(lacking.cardinality() >= 3 && lacking.cardinality() <= 4, lacking::toString);
        manager.remove("disk" + slot);
        trace.restart();
        CrashDisk back = disks.get(slot).onTrace(trace);
        String said = MemberOutcomeText.of(manager.reAdd(back));
        assertTrue(said.contains(lacking.cardinality() + " regions"), said);
        assertEquals(lacking, stripesWritten("disk" + slot));
        List<CrashDisk> all = new ArrayList<>(disks);
        all.set(slot, back);
        assertWhole(array, all);
    }

    @Test
    void whatIsWrittenWhileItReturnsGoesToItToo() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        for (int row = 1; row < 8; row += 2) {
            Rebuilds.write(array, content, row * ROW_BYTES, 4096, random);
        }
        manager.remove("disk1");
        CrashDisk back = disks.get(1).onTrace(trace);
        int[] ranges = new int[1];
        HookedDevice hooked = new HookedDevice(back, () -> {
            // Below the position and above it, in regions that it lacks and in others, but not in the stripe that is
            // held.
            int passing = 2 * ranges[0]++ + 1;
            Rebuilds.write(array, content, (passing + 3) % 8 * ROW_BYTES + 512, 700, random);
            Rebuilds.write(array, content, (passing + 6) % 8 * ROW_BYTES, ROW_BYTES, random);
        });
        hooked.arm(Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS));
        manager.reAdd(hooked);
        hooked.disarm();
        assertEquals(4, ranges[0], "writes came in between");
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
    }

    /**
     * Two of a RAID-6 leave, one after the other, and come back in the same order: each lacks what has a bit, and no
     * more.
     */
    @Test
    void twoOfARaid6ComeBack() throws IOException {
        PolicyShape six = new PolicyShape(ParityLayout.LEFT_SYMMETRIC_6, 4, 16, 8, Features.BITMAP, Superblock.IN_SYNC);
        List<CrashDisk> disks = new ArrayList<>(six.create(trace));
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        Rebuilds.write(array, content, 0, content.length, random);
        settle();
        for (int leaving = 0; leaving < 2; leaving++) {
            manager.fail("disk" + leaving, false);
            Rebuilds.write(array, content, leaving * ROW_BYTES, 4096, random);
        }
        for (int back = 0; back < 2; back++) {
            manager.remove("disk" + back);
            disks.set(back, disks.get(back).onTrace(trace));
        }
        trace.restart();
        for (int back = 0; back < 2; back++) {
            String said = MemberOutcomeText.of(manager.reAdd(disks.get(back)));
            assertTrue(said.contains((2 + back) + " regions"), said);
            assertEquals(back == 0 ? set(0, 2) : set(0, 2, 8), stripesWritten("disk" + back));
            Rebuilds.write(array, content, 4 * ROW_BYTES, 4096, random);
        }
        assertEquals("0", array.attributes().get("degraded"));
        settle();
        array.close();
        for (int gone = 0; gone < 4; gone++) {
            for (int other = 0; other < gone; other++) {
                List<CrashDisk> left = new ArrayList<>(reopened(disks));
                left.remove(gone);
                left.remove(other);
                RaidArray without = PolicyShape.open(
                        left,
                        new ManualTimer(),
                        AssembleOptions.defaults().withRun(true).withReadOnly(true));
                Rebuilds.assertReads(without, content, "without " + gone + " and " + other);
                without.close();
            }
        }
    }

    /** It fails again while it returns: from then on it is on record as faulty, and the array goes on without it. */
    @Test
    void oneThatFailsOnItsWayIsLeftOut() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        Rebuilds.write(array, content, 0, content.length / 2, random);
        manager.remove("disk1");
        CrashDisk back = disks.get(1).onTrace(trace);
        int[] ranges = new int[1];
        HookedDevice hooked = new HookedDevice(back, () -> {
            if (ranges[0]++ == 2) {
                manager.fail("disk1", false);
            }
        });
        hooked.arm(Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS));
        manager.reAdd(hooked);
        hooked.disarm();
        assertEquals("1", array.attributes().get("degraded"));
        Rebuilds.write(array, content, 5 * ROW_BYTES, 4096, random);
        Rebuilds.assertReads(array, content, "without it");
        manager.remove("disk1");
        CrashDisk again = back.onTrace(trace);
        String said = MemberOutcomeText.of(manager.reAdd(again));
        assertTrue(said.contains("9 regions"), said);
        assertWhole(array, List.of(disks.get(0), again, disks.get(2)));
    }

    /** Somebody writes each time that its superblock is about to be written: it is no member of the process yet. */
    @Test
    void bitsThatAreSetWhileItJoinsReachItToo() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        Rebuilds.write(array, content, 0, 4096, random);
        manager.remove("disk1");
        array.setAttribute("sync_action", "frozen");
        CrashDisk back = disks.get(1).onTrace(trace);
        int[] superblocks = new int[1];
        HookedDevice hooked = new HookedDevice(
                back, () -> Rebuilds.write(array, content, (1 + superblocks[0]++) * ROW_BYTES, 4096, random));
        hooked.arm(4096, 4608);
        manager.reAdd(hooked);
        hooked.disarm();
        assertEquals(3, superblocks[0], "a spare, a spare that all know, a member that returns");
        assertEquals(set(0, 2, 4, 6), SHAPE.bits(disks.get(0)));
        assertEquals(set(0, 2, 4, 6), SHAPE.bits(back));
        array.setAttribute("sync_action", "recover");
        timer.pass(1);
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
    }

    /** Left out of an array that was used without it, as when a cable was loose. */
    @Test
    void oneThatWasOnlyLeftOutComesBackToo() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks.subList(0, 2), true);
        Rebuilds.write(array, content, 2 * ROW_BYTES, 4096, random);
        settle();
        array.close();
        List<CrashDisk> again = onTrace(disks);
        RaidArray array2 = open(again.subList(0, 2), true);
        trace.restart();
        String said = MemberOutcomeText.of(Rebuilds.manager(array2).reAdd(again.get(2)));
        assertTrue(said.contains("1 regions"), said);
        assertEquals(1, stripesWritten("disk2").cardinality());
        assertWhole(array2, again);
    }

    /** It was used without the others meanwhile: its own bitmap says where. */
    @Test
    void whatItWasGivenAloneIsOverwritten() throws IOException {
        List<CrashDisk> disks = filled();
        List<CrashDisk> half = reopened(disks);
        RaidArray aside = open(half.subList(1, 3), true);
        Rebuilds.write(aside, content.clone(), 6 * ROW_BYTES, 4096, random);
        aside.close();
        List<CrashDisk> ours = new ArrayList<>(onTrace(disks.subList(0, 2)));
        RaidArray array = open(ours, true);
        for (int i = 0; i < 4; i++) {
            Rebuilds.write(array, content, 0, 4096, random);
            settle();
        }
        ours.add(half.get(2).onTrace(trace));
        trace.restart();
        String said = MemberOutcomeText.of(Rebuilds.manager(array).reAdd(ours.get(2)));
        assertTrue(said.contains("2 regions"), said);
        assertWhole(array, ours);
    }

    @Test
    void returningGoesOnAfterAStop() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk0", false);
        Rebuilds.write(array, content, 3 * ROW_BYTES, 4096, random);
        manager.remove("disk0");
        array.setAttribute("sync_action", "frozen");
        CrashDisk back = disks.get(0).onTrace(trace);
        String said = MemberOutcomeText.of(manager.reAdd(back));
        assertTrue(
                said.endsWith("; no rebuild has begun: rebuilds are frozen until sync_action is set to recover"), said);
        Rebuilds.write(array, content, 4 * ROW_BYTES, 4096, random);
        array.close();
        Superblock between = MemberLocator.require(PolicyShape.reopen(back)).superblock();
        assertEquals(Features.BITMAP | Features.RECOVERY_OFFSET | Features.RECOVERY_BITMAP, between.featureMap());
        assertEquals(0, between.recoveryOffsetSectors());
        List<CrashDisk> again = onTrace(List.of(back, disks.get(1), disks.get(2)));
        trace.restart();
        RaidArray reopened = open(again, false);
        timer.pass(1);
        assertEquals(SHAPE.bits(disks.get(1)), stripesWritten("disk0"));
        assertEquals(2, stripesWritten("disk0").cardinality());
        assertWhole(reopened, again);
    }

    private void refusedAndAdded(String why, Consumer<List<CrashDisk>> meanwhile) throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        Rebuilds.write(array, content, 0, 4096, random);
        manager.remove("disk1");
        CrashDisk back = disks.get(1).onTrace(trace);
        meanwhile.accept(List.of(back));
        trace.restart();
        byte[] before = back.image().toBytes();
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> manager.reAdd(back));
        String said = String.valueOf(e.getMessage());
        assertTrue(said.contains("can't be re-added: ") && said.contains(why), said);
        assertArrayEquals(before, back.image().toBytes());
        String added = MemberOutcomeText.of(manager.add(back, false));
        assertTrue(added.endsWith("is being rebuilt as the member of slot 1"), added);
        BitSet all = new BitSet();
        all.set(0, 16);
        assertEquals(all, stripesWritten("disk1"));
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
    }

    private static void edit(CrashDisk disk, Consumer<SuperblockEditor> change) {
        try {
            Superblock next = MemberLocator.require(disk).superblock().edit(change);
            PolicyShape.write(disk, 8, next.toBytes(), 512);
            disk.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void spoil(CrashDisk disk, int bitmapByte, int value) {
        try {
            byte[] page = PolicyShape.read(disk, PolicyShape.AREA_SECTOR, 512);
            page[bitmapByte] = (byte) value;
            PolicyShape.write(disk, PolicyShape.AREA_SECTOR, page, 512);
            disk.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void ifItCantBeKnownItIsRefused() throws IOException {
        refusedAndAdded("no whole member", disks -> edit(disks.getFirst(), e -> e.role(1, 0xffff)));
        refusedAndAdded(
                "no whole member",
                disks -> edit(
                        disks.getFirst(),
                        e -> e.featureMap(Features.BITMAP | Features.RECOVERY_OFFSET)
                                .recoveryOffsetSectors(8)));
        refusedAndAdded(
                "no whole member",
                disks -> edit(disks.getFirst(), e -> e.featureMap(Features.BITMAP | Features.BAD_BLOCKS)));
        refusedAndAdded("another way", disks -> edit(disks.getFirst(), e -> e.layout(0)));
        refusedAndAdded("another way", disks -> edit(disks.getFirst(), e -> e.featureMap(0)));
        refusedAndAdded("another member", disks -> edit(disks.getFirst(), e -> e.role(1, 0)));
        refusedAndAdded(
                "number is another's",
                disks -> edit(disks.getFirst(), e -> e.role(0, 1).deviceNumber(0)));
        refusedAndAdded("after it had left", disks -> edit(disks.getFirst(), e -> e.events(1000)));
        refusedAndAdded("since it left", disks -> edit(disks.getFirst(), e -> e.events(0)));
        refusedAndAdded("no write-intent bitmap", disks -> spoil(disks.getFirst(), 0, 0));
        refusedAndAdded("no write-intent bitmap", disks -> spoil(disks.getFirst(), 8, 99));
        refusedAndAdded("out of date", disks -> spoil(disks.getFirst(), 48, 1));
        refusedAndAdded("out of date", disks -> spoil(disks.getFirst(), 24, 0));
        refusedAndAdded("other chunks", disks -> spoil(disks.getFirst(), 53, 0x20));
        refusedAndAdded("had left", disks -> spoil(disks.getFirst(), 38, 1));
    }

    /** A spare took its slot, bits were cleared, and then the slot is free again. */
    @Test
    void oneThatWasReplacedMeanwhileIsRefused() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        Rebuilds.write(array, content, 0, 4096, random);
        manager.remove("disk1");
        CrashDisk back = disks.get(1).onTrace(trace);
        CrashDisk other = new CrashDisk("other", Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS + 128), trace);
        manager.add(other, false);
        timer.pass(1);
        settle();
        manager.fail("other", false);
        manager.remove("other");
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> manager.reAdd(back));
        assertTrue(String.valueOf(e.getMessage()).contains("bits were cleared since it left"), e::toString);
        manager.add(back, false);
        timer.pass(1);
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
    }

    @Test
    void aStrangerIsRefused() throws IOException {
        List<CrashDisk> disks = filled();
        RaidArray array = open(disks.subList(0, 2), true);
        CrashDisk blank = new CrashDisk("blank", 1 << 20, trace);
        ArrayRefusedException e = assertThrows(
                ArrayRefusedException.class, () -> Rebuilds.manager(array).reAdd(blank));
        assertTrue(String.valueOf(e.getMessage()).contains("never part"), e::getMessage);
        array.close();
    }
}
