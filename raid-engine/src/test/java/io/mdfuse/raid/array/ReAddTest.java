package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.SimulatedThread;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A member that comes back gets what it lacks by the bitmap, and nothing else. */
class ReAddTest extends ReAddFixture {
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

    /** A cable was loose for a moment, and nothing was written meanwhile. */
    @Test
    void ifNothingWasWrittenSinceNothingIsCopied() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        RaidArray array = open(disks, false);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        manager.remove("disk1");
        trace.restart();
        CrashDisk back = disks.get(1).onTrace(trace);
        manager.reAdd(back);
        assertEquals(set(), stripesWritten("disk1"));
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
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

    /** It fails again while it is rebuilt: it is recorded as faulty, and the array goes on without it. */
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

    /** A write comes each time before its superblock is written, when it is no member of the process yet. */
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

    /** It was missing while the array was used, for example because of a loose cable. */
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

    /**
     * Its server hangs in the first flush of the update that calls the array clean, and bits are cleared meanwhile, for
     * writes that it has. Then it fails. It has the count of the last update that was written, so it lacks nothing that
     * has no bit.
     */
    @Test
    void oneThatFailsInAnUpdateWhileBitsAreClearedComesBackByItsBits() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        FaultPlan plan = new FaultPlan(1);
        timer = new ManualTimer();
        List<BlockDevice> devices = new ArrayList<>(disks);
        devices.set(1, new FaultyDevice(new LentDevice(disks.get(1)), plan));
        RaidArray array = PolicyShape.open(devices, timer);
        array.setAttribute("safe_mode_delay", "3600");
        Rebuilds.write(array, content, 0, 4096, random);
        timer.pass(6000);
        plan.atFirstFailure(() -> new SimulatedThread().run(() -> timer.pass(5000)));
        // The members are flushed once before the update.
        plan.failNth(FaultPlan.Verb.FLUSH, plan.calls(FaultPlan.Verb.FLUSH) + 2);
        array.setAttribute("array_state", "clean");
        assertEquals(1, plan.failures());
        assertEquals("1", array.attributes().get("degraded"));
        Rebuilds.write(array, content, 5 * ROW_BYTES, 4096, random);
        MemberManager manager = Rebuilds.manager(array);
        manager.remove("disk1");
        CrashDisk back = disks.get(1).onTrace(trace);
        String said = MemberOutcomeText.of(manager.reAdd(back));
        assertTrue(said.contains("regions"), said);
        assertWhole(array, List.of(disks.get(0), back, disks.get(2)));
    }

    /** It was written without the others meanwhile: its own bitmap says in which regions. */
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
                said.endsWith(
                        "; no rebuild has begun: rebuilds are frozen until sync_action is set to idle or recover"),
                said);
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
}
