package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import io.mdfuse.raid.sync.PassState;
import io.mdfuse.raid.sync.Rebuild;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Failures and stops during a rebuild, of the new device and of others; and which members may be failed. */
class RebuildTroubleTest {
    private static final CrashTrace TRACE = CrashTrace.notRecording();
    private static final int DATA_OFFSET_BYTES = 24 * 512;

    private final Random random = new Random(11);

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 4, 8, 7, 32, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 7, 48, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 7, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 4, 8, 7, 48, Superblock.IN_SYNC, true));
    }

    /** An array on disks that can be told to fail. */
    private final class Bench {
        private final ArrayShape shape;
        private final List<CrashDisk> disks;
        private final List<FaultPlan> plans = new ArrayList<>();
        private final byte[] content;
        private final RaidArray array;

        Bench(ArrayShape shape) throws IOException {
            this.shape = shape;
            this.disks = shape.create(TRACE);
            List<BlockDevice> devices = new ArrayList<>();
            for (CrashDisk disk : disks) {
                FaultPlan plan = new FaultPlan(5);
                plans.add(plan);
                devices.add(new FaultyDevice(disk, plan));
            }
            this.array = shape.open(devices);
            this.content = new byte[(int) shape.geometry().arrayBytes()];
            Rebuilds.write(array, content, 0, content.length, random);
        }

        MemberManager manager() throws IOException {
            return Rebuilds.manager(array);
        }

        void check(String words) throws IOException {
            Rebuilds.writeSome(shape, array, content, random);
            Rebuilds.assertReads(array, content, words);
        }

        /** After an opening a device that can be a spare may take the slot. */
        void checkAgainWhateverJoins(List<CrashDisk> left, String words) throws IOException {
            array.close();
            RaidArray again = Rebuilds.openWithoutStale(Rebuilds.reopened(left), usable -> shape.open(usable, true));
            Rebuilds.awaitSettled(again);
            Rebuilds.assertReads(again, content, words);
            again.close();
        }

        /** Closes the array, and opens it again from these disks. */
        void checkAgain(List<CrashDisk> left, String degraded, String words) throws IOException {
            array.close();
            RaidArray again = shape.open(Rebuilds.reopened(left), true);
            Rebuilds.awaitSettled(again);
            Rebuilds.assertReads(again, content, words);
            assertEquals(degraded, again.attributes().get("degraded"), words);
            again.close();
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theNewDeviceMayFailAtAnyOfItsCalls(ArrayShape shape) throws IOException {
        for (boolean replace : new boolean[] {false, true}) {
            FaultPlan counted = new FaultPlan(1);
            assertTrue(newDeviceFails(shape, counted, replace, "sound"));
            int calls = counted.calls(Verb.WRITE) + counted.calls(Verb.FLUSH) + counted.calls(Verb.READ);
            int failed = 0;
            for (int nth = 0; nth < calls; nth++) {
                String words = shape + (replace ? " replacement" : "") + " dies after " + nth;
                failed += newDeviceFails(shape, new FaultPlan(1).dieAfter(nth), replace, words) ? 0 : 1;
            }
            for (int nth = 1; nth <= counted.calls(Verb.WRITE); nth++) {
                String words = shape + (replace ? " replacement" : "") + " write " + nth;
                failed += newDeviceFails(shape, new FaultPlan(1).failNth(Verb.WRITE, nth), replace, words) ? 0 : 1;
            }
            assertTrue(failed > calls, failed + " of " + calls);
        }
    }

    /** Returns whether the new device became a member. */
    private boolean newDeviceFails(ArrayShape shape, FaultPlan plan, boolean replace, String words) throws IOException {
        Bench bench = new Bench(shape);
        CrashDisk next = Rebuilds.blank(shape, "next", TRACE);
        BlockDevice device = new FaultyDevice(next, plan);
        if (!replace) {
            bench.manager().fail("disk1", false);
        }
        boolean added = true;
        try {
            MemberOutcome unused = replace
                    ? bench.manager().replaceWithNew("disk1", device, false)
                    : bench.manager().add(device, false);
        } catch (IOException e) {
            added = false;
        }
        Rebuilds.awaitSettled(bench.array);
        bench.check(words);
        bench.array.flush();
        boolean member = Rebuilds.attribute(bench.array, "rd1").equals("in_sync next");
        boolean whole = Rebuilds.attribute(bench.array, "degraded").equals("0");
        boolean oldLeft = Rebuilds.attribute(bench.array, "dev1").startsWith("faulty");
        assertEquals(member || (replace && !oldLeft), whole, words);
        assertTrue(added || !member);
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(1, member ? next : bench.disks.get(1));
        if (!member && SuperblockLocator.find(next).isPresent()) {
            left.add(next);
        }
        bench.checkAgainWhateverJoins(left, words);
        return member;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aRebuildIsStoppedAnywhereAndGoesOn(ArrayShape shape) throws IOException {
        for (int stopAt = 0; stopAt < shape.rows(); stopAt++) {
            for (boolean replace : new boolean[] {false, true}) {
                Bench bench = new Bench(shape);
                CrashDisk next = Rebuilds.blank(shape, "next", TRACE);
                int[] ranges = {stopAt};
                HookedDevice hooked = new HookedDevice(next, () -> {
                    if (ranges[0]-- == 0) {
                        bench.manager().rebuilds().freeze();
                    }
                });
                hooked.arm(DATA_OFFSET_BYTES);
                if (replace) {
                    bench.manager().replaceWithNew("disk1", hooked, false);
                } else {
                    bench.manager().fail("disk1", false);
                    bench.manager().add(hooked, false);
                }
                hooked.disarm();
                boolean last = stopAt == shape.rows() - 1;
                assertEquals(
                        last ? PassState.DONE : PassState.STOPPED,
                        rebuildOf(bench.array).state());
                String words = shape + " stopped at " + stopAt + (replace ? " replacing" : "");
                bench.check(words);
                List<CrashDisk> left = new ArrayList<>(bench.disks);
                left.set(1, next);
                bench.array.close();
                if (!last) {
                    assertEquals(
                            (long) (stopAt + 1) * shape.chunkSectors(),
                            MemberLocator.require(new CrashDisk("next", next.image(), TRACE))
                                    .superblock()
                                    .recoveryOffsetSectors());
                }
                if (replace && !last) {
                    left.add(bench.disks.get(1));
                }
                List<CrashDisk> again = Rebuilds.reopened(left);
                RaidArray array = shape.open(again);
                Rebuilds.awaitWhole(array);
                assertEquals("in_sync next", array.attributes().get("rd1"), words);
                Rebuilds.assertReads(array, bench.content, words);
                array.close();
                assertEquals(-1, shape.wrongParity(again), words);
            }
        }
    }

    private static Rebuild rebuildOf(RaidArray array) throws IOException {
        Rebuild rebuild = Rebuilds.manager(array).rebuilds().newest();
        if (rebuild == null) {
            throw new AssertionError("no rebuild");
        }
        return rebuild;
    }

    @Test
    void aReadErrorStopsTheRebuildWhereNothingIsLeftToSolveItFrom() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, 32, Superblock.IN_SYNC, false);
        Bench bench = new Bench(shape);
        bench.manager().fail("disk1", false);
        bench.plans.get(2).badSectors(DATA_OFFSET_BYTES + 3L * 16 * 512, 512);
        CrashDisk next = Rebuilds.blank(shape, "next", TRACE);
        bench.manager().add(next, false);
        assertTrue(rebuildOf(bench.array).isStuck());
        assertTrue(Rebuilds.attribute(bench.array, "sync_trouble").contains("is lost"));
        assertEquals("rebuilding next", bench.array.attributes().get("rd1"));
        assertEquals("1", bench.array.attributes().get("degraded"));
        // After a write the sector can be read, and the rebuild continues on command.
        int row = (int) (shape.geometry().rowSectors() * 512);
        Rebuilds.write(bench.array, bench.content, 3 * row, row, random);
        bench.array.setAttribute("sync_action", "recover");
        Rebuilds.awaitWhole(bench.array);
        bench.check("after the read error");
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(1, next);
        bench.checkAgain(left, "0", "again");
    }

    @Test
    void aSecondFailureWhileRebuildingEndsItCleanly() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 7, 32, Superblock.IN_SYNC, false);
        Bench bench = new Bench(shape);
        bench.manager().fail("disk1", false);
        CrashDisk next = Rebuilds.blank(shape, "next", TRACE);
        int[] ranges = {3};
        HookedDevice hooked = new HookedDevice(next, () -> {
            if (ranges[0]-- == 0) {
                bench.plans.get(2).dieAfter(0);
            }
        });
        hooked.arm(DATA_OFFSET_BYTES);
        bench.manager().add(hooked, false);
        assertTrue(rebuildOf(bench.array).isStuck());
        // These bytes equal those on the disks, so only the refusal of the write counts, not whether it reached a disk.
        assertThrows(IOException.class, () -> Rebuilds.rewrite(bench.array, bench.content));
        assertThrows(IOException.class, () -> bench.manager().add(Rebuilds.blank(shape, "more", TRACE), false));
        assertThrows(IOException.class, bench.array::close);
        // The disk that seemed dead is back: no acknowledged byte is lost.
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(1, next);
        RaidArray again = shape.open(Rebuilds.reopened(left));
        Rebuilds.awaitWhole(again);
        Rebuilds.assertReads(again, bench.content, "again");
        again.close();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aSpareStepsIn(ArrayShape shape) throws IOException {
        Bench bench = new Bench(shape);
        CrashDisk spare = Rebuilds.blank(shape, "spare", TRACE);
        bench.manager().add(spare, false);
        assertTrue(bench.array.attributes().values().contains("spare spare"));
        bench.plans.get(0).dieAfter(0);
        Rebuilds.writeSome(shape, bench.array, bench.content, random);
        bench.array.flush();
        Rebuilds.awaitWhole(bench.array);
        assertEquals("in_sync spare", bench.array.attributes().get("rd0"));
        bench.check("spare");
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(0, spare);
        bench.checkAgain(left, "0", "again");
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aSpareStepsInAtTheMount(ArrayShape shape) throws IOException {
        Bench bench = new Bench(shape);
        CrashDisk spare = Rebuilds.blank(shape, "spare", TRACE);
        bench.manager().add(spare, false);
        bench.array.close();
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(0, spare);
        RaidArray array = shape.open(Rebuilds.reopened(left), true);
        Rebuilds.awaitWhole(array);
        assertEquals("in_sync spare", array.attributes().get("rd0"));
        Rebuilds.assertReads(array, bench.content, "spare");
        array.close();
    }

    @Test
    void whatWouldLoseDataIsRefused() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, 32, Superblock.IN_SYNC, false);
        Bench bench = new Bench(shape);
        MemberManager manager = bench.manager();
        refused("in use", () -> manager.remove("disk0"));
        refused("journal", () -> manager.fail("journal", false));
        refused("no device of this array", () -> manager.fail("disk7", false));
        refused("no spare", () -> manager.replace("disk0", null));
        refused("too small", () -> manager.add(new CrashDisk("small", 40000, TRACE), false));
        refused("never part", () -> manager.reAdd(Rebuilds.blank(shape, "foreign", TRACE)));
        // A copy of a live member is no former member.
        refused(
                "--force",
                () -> manager.add(new CrashDisk("copy", bench.disks.getFirst().image(), TRACE), false));
        manager.fail("disk0", false);
        refused("failed already", () -> manager.fail("disk0", false));
        refused("can't go on without it", () -> manager.fail("disk1", false));
        refused("nothing to replace", () -> manager.replace("disk0", null));
        bench.check("degraded");
        manager.remove("disk0");
        assertFalse(bench.array.attributes().values().stream().anyMatch(value -> value.endsWith("disk0")));
        CrashDisk back = Rebuilds.reopened(bench.disks).getFirst();
        refused("can't be re-added: the array has no bitmap", () -> manager.reAdd(back));
        String added = MemberOutcomeText.of(manager.add(back, false));
        assertTrue(added.endsWith("is being rebuilt as the member of slot 0"), added);
        Rebuilds.awaitWhole(bench.array);
        bench.check("added again");
        List<CrashDisk> left = new ArrayList<>(bench.disks);
        left.set(0, back);
        bench.checkAgain(left, "0", "again");
    }

    private interface Refused {
        @Nullable
        MemberOutcome run() throws IOException;
    }

    private static void refused(String word, Refused command) {
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, command::run);
        assertTrue(String.valueOf(e.getMessage()).contains(word), e.getMessage());
    }
}
