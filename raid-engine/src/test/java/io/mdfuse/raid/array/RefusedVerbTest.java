package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A command about members that is refused has changed nothing: not one write has reached any device, old or new. */
class RefusedVerbTest {
    private static final ArrayShape FIVE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 8, 0, Superblock.IN_SYNC, false);
    private static final ArrayShape SIX =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 8, 0, Superblock.IN_SYNC, false);

    private final CrashTrace trace = CrashTrace.recording();
    private final Random random = new Random(1);

    private RaidArray open(ArrayShape shape, List<CrashDisk> disks) throws IOException {
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, new byte[8192], 0, 8192, random);
        array.flush();
        return array;
    }

    private RaidArray open(ArrayShape shape) throws IOException {
        return open(shape, shape.create(trace));
    }

    private static BlockDevice tooSmall(CrashTrace trace) {
        return new CrashDisk("small", 40 * 512, trace);
    }

    private CrashDisk blank(ArrayShape shape) {
        return Rebuilds.blank(shape, "new", trace);
    }

    /** A device with other data on it. */
    private CrashDisk memberOfAnother() throws IOException {
        CrashDisk other = new ArrayShape(ParityLayout.RAID4, 3, 16, 12, 0, Superblock.IN_SYNC, false)
                .create(trace)
                .getFirst();
        Superblocks.edit(other, editor -> editor.setUuid(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}));
        return other;
    }

    private void refused(String words, Executable command) {
        long before = changes();
        String why = String.valueOf(assertThrows(IOException.class, command).getMessage());
        assertTrue(why.contains(words), why);
        assertEquals(before, changes(), why);
    }

    private long changes() {
        return trace.events().stream().filter(ScrubbedArray::isWrite).count();
    }

    @Test
    void addRefusesBeforeItWrites() throws IOException {
        RaidArray array = open(FIVE);
        MemberManager manager = Rebuilds.manager(array);
        BlockDevice small = tooSmall(trace);
        CrashDisk other = memberOfAnother();
        CrashDisk blank = blank(FIVE);
        refused("too small", () -> manager.add(small, false));
        refused("too small", () -> manager.add(small, true));
        refused("", () -> manager.add(other, false));
        refused("was never part of this array", () -> manager.reAdd(other));
        refused("was never part of this array", () -> manager.reAdd(blank));
        array.close();
    }

    @Test
    void replaceRefusesBeforeItWrites() throws IOException {
        RaidArray array = open(SIX);
        MemberManager manager = Rebuilds.manager(array);
        BlockDevice small = tooSmall(trace);
        CrashDisk other = memberOfAnother();
        CrashDisk blank = blank(SIX);
        refused("is no device of this array", () -> manager.replaceWithNew("nothing", blank, false));
        refused("too small", () -> manager.replaceWithNew("disk1", small, true));
        refused("", () -> manager.replaceWithNew("disk1", other, false));
        refused("there is no spare", () -> manager.replace("disk1", null));
        refused("is no spare", () -> manager.replace("disk1", "disk2"));
        refused("is no spare", () -> manager.replace("disk1", "disk1"));
        manager.fail("disk1", false);
        // Otherwise the device would be a spare now, for which the user did not ask.
        refused("is no member in sync (faulty)", () -> manager.replaceWithNew("disk1", blank, false));
        manager.rebuilds().freeze();
        manager.replaceWithNew("disk2", blank, false);
        refused("is being replaced already, by new", () -> manager.replaceWithNew("disk2", blank(SIX), false));
        refused("is being replaced already, by new", () -> manager.replace("disk2", null));
        refused("is no member in sync (replacement)", () -> manager.replaceWithNew("new", blank(SIX), false));
        array.close();
    }

    @Test
    void failAndRemoveRefuseBeforeTheyWrite() throws IOException {
        RaidArray array = open(FIVE);
        MemberManager manager = Rebuilds.manager(array);
        refused("is no device of this array", () -> manager.fail("nothing", true));
        refused("is no device of this array", () -> manager.remove("nothing"));
        refused("is in use (in_sync); fail it first", () -> manager.remove("disk0"));
        manager.fail("disk0", false);
        refused("has failed already", () -> manager.fail("disk0", true));
        refused("can't go on without it", () -> manager.fail("disk1", false));
        array.close();
    }

    /** Other members list blocks that are solved with the one that is to fail. */
    @Test
    void failSaysWhichListedBlocksItWouldCost() throws IOException {
        List<CrashDisk> disks = FIVE.create(trace);
        byte[] content = new byte[(int) FIVE.geometry().arrayBytes()];
        RaidArray filling = FIVE.open(disks);
        Rebuilds.write(filling, content, 0, content.length, random);
        filling.close();
        disks = CrashDisk.onTrace(disks, trace);
        ListedBlocks.giveLogs(disks, 24);
        ListedBlocks.list(disks.get(1), 8, 48);
        ListedBlocks.list(disks.get(2), 64);
        RaidArray array = FIVE.open(disks);
        MemberManager manager = Rebuilds.manager(array);
        refused(
                "disk0: 3 blocks that other members list as bad are solved with it, the first at member sector 8",
                () -> manager.fail("disk0", false));
        // The blocks that it lists itself are lost already.
        refused("disk1: 1 blocks", () -> manager.fail("disk1", false));
        Rebuilds.assertReads(array, content, "before");
        manager.fail("disk0", true);
        assertEquals("1", array.attributes().get("degraded"));
        array.close();
    }

    @Test
    void raid6SparesAMemberBesideOneListedBlockButNotBesideTwo() throws IOException {
        List<CrashDisk> disks = SIX.create(trace);
        SIX.open(disks).close();
        disks = CrashDisk.onTrace(disks, trace);
        ListedBlocks.giveLogs(disks, 24);
        ListedBlocks.list(disks.get(1), 8, 48);
        ListedBlocks.list(disks.get(2), 64);
        RaidArray array = SIX.open(disks);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk0", false);
        refused("disk3: 3 blocks", () -> manager.fail("disk3", false));
        array.close();
    }

    /** Before an array is broken on purpose, acknowledged writes are made durable: the next mount needs no --force. */
    @Test
    void anArrayThatIsBrokenOnPurposeLosesNothing() throws IOException {
        for (int journalBlocks : new int[] {0, 48}) {
            ArrayShape shape = new ArrayShape(
                    ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 8, journalBlocks, Superblock.IN_SYNC, journalBlocks > 0);
            List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
            RaidArray array = shape.open(disks);
            byte[] content = new byte[(int) shape.geometry().arrayBytes()];
            Rebuilds.write(array, content, 0, content.length, random);
            MemberManager manager = Rebuilds.manager(array);
            manager.fail("disk0", false);
            Rebuilds.write(array, content, 100, 50_000, random);
            String why = String.valueOf(assertThrows(IOException.class, () -> manager.fail("disk1", true))
                    .getMessage());
            assertTrue(why.startsWith("the array cannot lose another member: it was failed by command"), why);
            assertThrows(IOException.class, array::close);
            List<CrashDisk> left = Rebuilds.reopened(disks);
            left.removeFirst();
            boolean journaled = journalBlocks > 0;
            RaidArray again = ArrayShape.open(
                    left,
                    null,
                    AssembleOptions.defaults().withStripeCacheSize(6).withForce(false));
            Rebuilds.assertReads(again, content, "journal " + journaled);
            again.close();
        }
    }

    @Test
    void aDegradedArrayThatGainsASpareStartsTheRebuildAtOnce() throws IOException {
        RaidArray array = open(SIX);
        MemberManager manager = Rebuilds.manager(array);
        manager.add(blank(SIX), false);
        manager.fail("disk0", false);
        Rebuilds.awaitWhole(array);
        manager.rebuilds().freeze();
        manager.fail("disk1", false);
        String answer = MemberOutcomeText.of(manager.add(Rebuilds.blank(SIX, "newer", trace), false));
        assertTrue(answer.endsWith("rebuilds are frozen until sync_action is set to idle or recover"), answer);
        assertEquals("1", array.attributes().get("degraded"));
        array.setAttribute("sync_action", "recover");
        Rebuilds.awaitWhole(array);
        array.close();
    }

    /** A device that was given at the mount and has no slot any more is refused with the command that frees it. */
    @Test
    void aRemovedDeviceThatTheMountKnowsIsToBeRemovedFirst() throws IOException {
        List<CrashDisk> disks = FIVE.create(trace);
        RaidArray array = open(FIVE, disks);
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        manager.remove("disk1");
        CrashDisk next = blank(FIVE);
        manager.add(next, false);
        Rebuilds.awaitWhole(array);
        array.close();
        List<CrashDisk> all = Rebuilds.reopened(disks);
        all.add(Rebuilds.reopened(List.of(next)).getFirst());
        RaidArray again = FIVE.open(all);
        for (String verb : List.of("add", "re-add")) {
            refused(
                    "disk1: is known to this mount as removed; first: mdfuse remove MOUNTPOINT disk1",
                    () -> again.setAttribute("member_command", verb + "\ndisk1"));
        }
        refused(
                "disk2: is part of the array already (in_sync)",
                () -> again.setAttribute("member_command", "add\ndisk2"));
        Rebuilds.manager(again).remove("disk1");
        again.close();
    }
}
