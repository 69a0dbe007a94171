package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A member that is one event behind. An older image of a member must not be used; but a crash while superblocks are
 * written must not prevent the opening, unless the two can't be distinguished.
 */
final class OldImageTest {
    private static final AssembleOptions PLAIN = AssembleOptions.defaults();
    private static final AssembleOptions LOOK = PLAIN.withReadOnly(true);
    private static final AssembleOptions FORCE = PLAIN.withForce(true);
    private static final long A_DAY = 86_400;
    private static final ArrayShape RAID5 = shape(ParityLayout.LEFT_SYMMETRIC_5, 4);
    private static final ArrayShape RAID6 = shape(ParityLayout.LEFT_SYMMETRIC_6, 5);

    private static ArrayShape shape(ParityLayout layout, int disks) {
        return new ArrayShape(layout, disks, 8, 5, 0, Superblock.IN_SYNC, false);
    }

    private static RaidArray open(List<? extends BlockDevice> devices, AssembleOptions options, AtomicLong second)
            throws IOException {
        ArrayRuntime runtime = new ArrayRuntime(
                () -> Instant.ofEpochSecond(second.get()),
                Executors.newSingleThreadScheduledExecutor(),
                new DirectExecutor(),
                new Random(1),
                2);
        try {
            return ArrayShape.hurrying(ArrayAssembler.assemble(devices, null, options, runtime));
        } catch (IOException | RuntimeException e) {
            runtime.shutdown();
            throw e;
        }
    }

    private static String refused(List<CrashDisk> disks, AssembleOptions options) {
        ArrayRefusedException e = assertThrows(
                ArrayRefusedException.class, () -> ArrayShape.open(Rebuilds.reopened(disks), null, options));
        assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
        return String.valueOf(e.getMessage());
    }

    /** New content on all members except some, whose images are a day older and one event behind. */
    private static List<CrashDisk> withOldImages(ArrayShape shape, byte[] content, boolean dirty, int... old)
            throws IOException {
        List<CrashDisk> disks = shape.create(CrashTrace.notRecording());
        List<CrashDisk> before = Rebuilds.reopened(disks);
        AtomicLong second = new AtomicLong(2 * A_DAY);
        RaidArray array = open(disks, PLAIN, second);
        Rebuilds.write(array, content, 0, content.length, new Random(6));
        array.close();
        List<CrashDisk> given = Rebuilds.reopened(disks);
        long events = MemberLocator.require(given.getFirst()).superblock().events();
        for (CrashDisk disk : given) {
            if (dirty) {
                Superblocks.dirty(disk);
            }
        }
        for (int slot : old) {
            CrashDisk image = before.get(slot);
            Superblocks.edit(image, e -> e.events(events - 1).utimeSeconds(A_DAY));
            given.set(slot, image);
        }
        return given;
    }

    @ParameterizedTest
    @CsvSource({"5, false", "5, true", "6, false", "6, true"})
    void anOlderImageIsNotTrusted(int level, boolean dirty) throws IOException {
        ArrayShape shape = level == 5 ? RAID5 : RAID6;
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        List<CrashDisk> disks = withOldImages(shape, content, dirty, 1);
        for (AssembleOptions options : List.of(PLAIN, PLAIN.withRun(true))) {
            String message = refused(disks, options);
            assertTrue(message.contains("disk1 was last written at 1970-01-02 00:00:00 UTC, events "), message);
            assertTrue(message.contains("--force") && message.contains("--read-only"), message);
        }
        RaidArray look = ArrayShape.open(Rebuilds.reopened(disks), null, LOOK);
        Rebuilds.assertReads(look, content, "without the older image");
        List<String> said = look.startMessages();
        assertTrue(said.getFirst().startsWith("slot 1 has no member: disk1 is not used, it is older"), said::toString);
        assertEquals(dirty, said.stream().anyMatch(line -> line.contains("parity is taken for right")), said::toString);
        look.close();
        RaidArray trusted = ArrayShape.open(Rebuilds.reopened(disks), null, FORCE);
        assertEquals("0", trusted.attributes().get("degraded"));
        trusted.close();
    }

    /** Too many members are older images to leave them out: a read-only mount shows their content, and says so. */
    @Test
    void moreOlderImagesThanTheArrayCanDoWithoutAreRefusedForWriting() throws IOException {
        byte[] content = new byte[(int) RAID5.geometry().arrayBytes()];
        List<CrashDisk> disks = withOldImages(RAID5, content, false, 0, 2);
        String message = refused(disks, PLAIN);
        assertTrue(message.contains("disk0 was last") && message.contains("disk2 was last"), message);
        RaidArray look = ArrayShape.open(Rebuilds.reopened(disks), null, LOOK);
        assertEquals(
                2,
                look.startMessages().stream()
                        .filter(line -> line.contains("older image"))
                        .count());
        look.close();
    }

    /**
     * Power fails at every event of a superblock update, after a pause. After up to ten seconds no crash prevents the
     * opening. After a day some states look like older images: then a read-only mount and --force still show all
     * durable writes.
     */
    @ParameterizedTest
    @CsvSource({"5, 0", "5, 10", "5, 86400", "6, 10", "6, 86400"})
    void crashesAreNotTakenForOlderImages(int level, long pauseSeconds) throws IOException {
        ArrayShape shape = level == 5 ? RAID5 : RAID6;
        AtomicLong second = new AtomicLong(A_DAY);
        List<CrashDisk> blank = shape.create(CrashTrace.notRecording());
        RaidArray made = open(blank, PLAIN, second);
        made.write(0, MemorySegment.ofArray(new byte[512]));
        made.close();
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = CrashDisk.onTrace(blank, trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        RaidArray array = open(disks, PLAIN, second);
        second.addAndGet(pauseSeconds);
        model.write(array, 0, 8192);
        second.addAndGet(pauseSeconds);
        array.close();
        AtomicLong refused = new AtomicLong();
        long states = new CrashStates(trace, 8, 3, 17).forEach(state -> {
            int crashedAt = state.prefixLength();
            List<CrashDisk> found = state.disks(CrashTrace.notRecording());
            try {
                check(shape, model, Rebuilds.reopened(found), PLAIN, crashedAt);
            } catch (ArrayRefusedException e) {
                refused.incrementAndGet();
                assertTrue(String.valueOf(e.getMessage()).contains("was last written at"), e.getMessage());
                check(shape, model, Rebuilds.reopened(found), LOOK, crashedAt);
                check(shape, model, Rebuilds.reopened(found), FORCE, crashedAt);
            }
        });
        assertTrue(states > 20, states + " states");
        assertEquals(pauseSeconds > 10, refused.get() > 0, refused + " of " + states + " states were refused");
    }

    private static void check(
            ArrayShape shape, VolumeModel model, List<CrashDisk> disks, AssembleOptions options, int crashedAt)
            throws IOException {
        RaidArray array = ArrayShape.open(disks, null, options);
        model.check(array, crashedAt);
        array.close();
        if (!options.readOnly()) {
            assertEquals(-1, shape.wrongParity(disks), "member sector with wrong parity");
        }
    }
}
