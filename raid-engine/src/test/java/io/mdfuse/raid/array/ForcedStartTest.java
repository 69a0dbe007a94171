package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arrays that broke because members failed one after the other: the text of the refusal, which members {@code --force}
 * takes back, and what a crash at each point of that leaves.
 */
final class ForcedStartTest {
    private static final AssembleOptions PLAIN = AssembleOptions.defaults();
    private static final AssembleOptions FORCE = PLAIN.withForce(true);

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 5, 0, Superblock.IN_SYNC, false));
    }

    /** A broken array. Its members failed in the order of their slots, from slot 1 on, with writes in between. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Broken(ArrayShape shape, List<CrashDisk> disks, byte[] content) {
        int parity() {
            return shape.layout().parityCount();
        }

        /** The member that failed last, which the array needs. */
        String last() {
            return "disk" + (1 + parity());
        }

        RaidArray open(List<CrashDisk> found, AssembleOptions options) throws IOException {
            return ArrayShape.open(Superblocks.on(found), null, options);
        }
    }

    private static Broken breakArray(ArrayShape shape, CrashTrace trace) throws IOException {
        List<CrashDisk> disks = shape.create(trace);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        Random random = new Random(3);
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, random);
        for (int slot = 1; slot <= shape.layout().parityCount(); slot++) {
            Rebuilds.manager(array).fail("disk" + slot, false);
            Rebuilds.writeSome(shape, array, content, random);
        }
        array.close();
        // One member too many has failed: the survivors record it, as with md, and the array stops.
        List<CrashDisk> closed = CrashDisk.onTrace(disks, trace);
        int last = 1 + shape.layout().parityCount();
        for (CrashDisk disk : closed) {
            Superblock own = MemberLocator.require(disk).superblock();
            boolean survivor = own.ownRole() == 0 || own.ownRole() > last;
            if (survivor) {
                Superblocks.edit(disk, e -> e.role(last, Roles.FAULTY).events(own.events() + 1));
            }
        }
        return new Broken(shape, closed, content);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theRefusalNamesEachUnusedDeviceAndTheOption(ArrayShape shape) throws IOException {
        Broken broken = breakArray(shape, CrashTrace.notRecording());
        ArrayRefusedException e =
                assertThrows(ArrayRefusedException.class, () -> broken.open(broken.disks(), PLAIN.withRun(true)));
        assertEquals(Reason.MISSING, e.reason());
        String message = String.valueOf(e.getMessage());
        for (int slot = 1; slot <= 1 + broken.parity(); slot++) {
            long events = eventsOf(broken, slot);
            assertTrue(
                    message.contains("disk" + slot + " (slot " + slot + ") is marked faulty by the others (events "
                            + events + ", the array's " + eventsOf(broken, 0)),
                    message);
        }
        assertTrue(message.contains("--force takes back " + broken.last() + " ("), message);
    }

    private static long eventsOf(Broken broken, int number) throws IOException {
        return MemberLocator.require(broken.disks().get(number)).superblock().events();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void readOnlyForceTakesBackTheFreshestInMemoryOnly(ArrayShape shape) throws IOException {
        Broken broken = breakArray(shape, CrashTrace.recording());
        CrashTrace trace = CrashTrace.recording();
        RaidArray array = broken.open(CrashDisk.onTrace(broken.disks(), trace), FORCE.withReadOnly(true));
        Rebuilds.assertReads(array, broken.content(), "forced read-only");
        List<String> said = array.startMessages();
        assertTrue(
                said.getFirst().startsWith("slot " + (1 + broken.parity()) + ": " + broken.last() + " is taken back"),
                said::toString);
        assertTrue(said.getFirst().contains("in memory"), said::toString);
        assertTrue(
                said.get(1).startsWith("slot 1 has no member: disk1 is not used, it is marked faulty"), said::toString);
        assertEquals("the array survives no further failure", said.getLast());
        array.close();
        assertEquals(0, trace.length());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashOfAForcedStartLeavesTheRefusalOrTheForcedArray(ArrayShape shape) throws IOException {
        Broken broken = breakArray(shape, CrashTrace.notRecording());
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = CrashDisk.onTrace(broken.disks(), trace);
        RaidArray array = broken.open(disks, FORCE);
        Rebuilds.assertReads(array, broken.content(), "forced");
        array.close();
        int[] count = new int[2];
        new CrashStates(trace, 4, 4, 17).forEach(state -> {
            List<CrashDisk> left = state.disks(CrashTrace.notRecording());
            RaidArray again;
            try {
                again = broken.open(left, PLAIN.withRun(true));
                count[1]++;
            } catch (ArrayRefusedException e) {
                assertEquals(Reason.MISSING, e.reason(), e::getMessage);
                assertTrue(
                        String.valueOf(e.getMessage()).contains("--force takes back " + broken.last()), e::getMessage);
                count[0]++;
                again = broken.open(state.disks(CrashTrace.notRecording()), FORCE);
            }
            Rebuilds.assertReads(again, broken.content(), "after a crash");
            again.close();
        });
        assertTrue(count[0] > 0 && count[1] > 0, count[0] + " refused, " + count[1] + " opened");
        // The next mount reports nothing about --force.
        RaidArray plain = broken.open(Rebuilds.reopened(disks), PLAIN);
        Rebuilds.assertReads(plain, broken.content(), "afterwards");
        assertTrue(plain.startMessages().stream().noneMatch(line -> line.contains("--force")));
        plain.close();
    }

    @Test
    void forceTakesBackAMemberOfAnArrayWithABitmap() throws IOException {
        PolicyShape shape =
                new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 8, Features.BITMAP, Superblock.IN_SYNC);
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        for (int number : new int[] {0, 3}) {
            Superblocks.edit(
                    disks.get(number),
                    e -> e.role(1, Roles.FAULTY).role(2, Roles.FAULTY).events(9));
        }
        Superblocks.edit(disks.get(2), e -> e.events(8));
        for (boolean readOnly : new boolean[] {true, false}) {
            RaidArray array = ArrayShape.open(Rebuilds.reopened(disks), null, FORCE.withReadOnly(readOnly));
            assertTrue(array.startMessages().getFirst().contains("disk2 is taken back"));
            array.close();
        }
    }

    /**
     * A cable or an enclosure takes several members away at one moment, and they come back one event behind. The
     * refusal names them and the option; with the option all content is there, and the lines of the start say that
     * writes since then are missing.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void membersThatVanishTogetherComeBackByForce(ArrayShape shape) throws IOException {
        for (int vanished = 1 + shape.layout().parityCount(); vanished < shape.disks(); vanished++) {
            for (boolean writing : new boolean[] {false, true}) {
                String words = vanished + " vanished" + (writing ? " during writes" : "");
                byte[] content = new byte[(int) shape.geometry().arrayBytes()];
                List<CrashDisk> disks = vanish(shape, vanished, writing && shape.journalBlocks() == 0, content);
                ArrayRefusedException e = assertThrows(
                        ArrayRefusedException.class,
                        () -> ArrayShape.open(Rebuilds.reopened(disks), null, PLAIN.withRun(true)));
                assertEquals(Reason.MISSING, e.reason(), e::getMessage);
                String message = String.valueOf(e.getMessage());
                assertTrue(message.contains("--force takes back disk"), message);
                for (int slot = 1; slot <= vanished; slot++) {
                    assertTrue(message.contains("disk" + slot + " (slot " + slot + ") is marked faulty"), message);
                }
                RaidArray array = ArrayShape.open(disks, null, FORCE);
                Rebuilds.assertReads(array, content, words);
                List<String> said = array.startMessages();
                assertTrue(
                        said.stream()
                                        .filter(line -> line.contains("is taken back by --force"))
                                        .count()
                                >= vanished - shape.layout().parityCount(),
                        said::toString);
                assertTrue(said.getFirst().endsWith("what was written since is missing from it"), said::toString);
                Rebuilds.writeSome(shape, array, content, new Random(8));
                array.close();
                RaidArray plain = ArrayShape.open(Rebuilds.reopened(disks), null, PLAIN.withRun(true));
                Rebuilds.assertReads(plain, content, words + ", opened again");
                plain.close();
            }
        }
    }

    /** The disks of an array that lost the members from slot 1 on at one moment, while it was idle or written. */
    private static List<CrashDisk> vanish(ArrayShape shape, int vanished, boolean writing, byte[] content)
            throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, new Random(3));
        array.close();
        List<CrashDisk> closed = Rebuilds.reopened(disks);
        for (CrashDisk disk : closed) {
            Superblock own = MemberLocator.require(disk).superblock();
            boolean survivor = own.ownRole() == 0 || own.ownRole() > vanished;
            Superblocks.edit(disk, e -> {
                e.resyncOffsetSectors(writing ? 0 : own.resyncOffsetSectors());
                for (int slot = 1; survivor && slot <= vanished; slot++) {
                    e.role(slot, Roles.FAULTY).events(own.events() + 1);
                }
            });
        }
        return closed;
    }

    @Test
    void withoutEnoughDevicesForceDoesNotHelp() throws IOException {
        Broken broken = breakArray(shapes().findFirst().orElseThrow(), CrashTrace.notRecording());
        List<CrashDisk> two = List.of(broken.disks().get(0), broken.disks().get(3));
        for (AssembleOptions options : List.of(PLAIN, FORCE, FORCE.withReadOnly(true))) {
            ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> broken.open(two, options));
            assertTrue(String.valueOf(e.getMessage()).endsWith("give more of its devices"), e::getMessage);
        }
    }
}
