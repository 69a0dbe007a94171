package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** If the bitmap can't tell what a device lacks, it is refused unchanged, and can be added as a new member. */
class ReAddRefusalTest extends ReAddFixture {
    private static final AssembleOptions RUN = AssembleOptions.defaults().withRun(true);

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

    /** A spare has taken its slot and bits were cleared; then the slot is free again. */
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

    /**
     * Two of three members are gone: a former member doesn't bring the array back, neither while it is open nor at the
     * next opening, because it lacks what was written since. The member that was lost last brings it back.
     */
    @Test
    void anArrayThatLostTooMuchTakesNoOlderMemberBack() throws IOException {
        List<CrashDisk> disks = onTrace(filled());
        FaultPlan plan = new FaultPlan(1);
        timer = new ManualTimer();
        RaidArray array = PolicyShape.open(FaultyDevice.among(disks, 2, plan), timer);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        Rebuilds.write(array, content, 0, content.length, random);
        array.flush();
        manager.remove("disk1");
        plan.dieAfter(0);
        assertThrows(IOException.class, () -> Rebuilds.rewrite(array, content));
        CrashDisk back = disks.get(1).onTrace(trace);
        byte[] before = back.image().toBytes();
        assertThrows(IOException.class, () -> manager.reAdd(back));
        assertThrows(IOException.class, () -> manager.add(back, true));
        assertArrayEquals(before, back.image().toBytes());
        assertEquals("broken", array.attributes().get("array_state"));
        assertThrows(IOException.class, () -> Rebuilds.rewrite(array, content));
        assertThrows(IOException.class, array::close);
        for (AssembleOptions options : List.of(AssembleOptions.defaults(), RUN, RUN.withReadOnly(true))) {
            assertThrows(
                    ArrayRefusedException.class,
                    () -> PolicyShape.open(reopened(List.of(disks.get(0), back)), new ManualTimer(), options));
        }
        // No log names the write that failed, so the content of its stripes is in doubt without --force.
        RaidArray again =
                PolicyShape.open(reopened(List.of(disks.get(0), disks.get(2))), new ManualTimer(), RUN.withForce(true));
        Rebuilds.assertReads(again, content, "with the member that was lost last");
        again.close();
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
