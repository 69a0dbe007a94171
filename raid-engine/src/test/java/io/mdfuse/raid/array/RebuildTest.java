package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small arrays of every level and layout, of which each slot (of RAID-6 each pair) is failed, written while degraded,
 * rebuilt on new disks or on the same disks with their old content, and read back with correct parity; and the same
 * with each member replaced while it works.
 */
class RebuildTest {
    private static final CrashTrace TRACE = CrashTrace.notRecording();

    static Stream<ArrayShape> shapes() {
        return Stream.of(4, 5, 6)
                .flatMap(level -> ParityLayout.forLevel(level).stream()
                        .flatMap(layout -> IntStream.rangeClosed(level == 6 ? 4 : 2, 6)
                                .boxed()
                                .flatMap(disks -> Stream.of(
                                        new ArrayShape(layout, disks, 8, 7, 0, Superblock.IN_SYNC, false),
                                        new ArrayShape(
                                                layout, disks, 16, 4, 48, Superblock.IN_SYNC, disks % 2 == 0)))));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whateverFailsIsRebuilt(ArrayShape shape) throws IOException {
        for (int failed = 1; failed < 1 << shape.disks(); failed++) {
            if (Integer.bitCount(failed) <= shape.layout().parityCount()) {
                rebuild(shape, failed);
            }
        }
    }

    private static void rebuild(ArrayShape shape, int failed) throws IOException {
        String words = shape + ", failed " + Integer.toBinaryString(failed);
        Random random = new Random(failed);
        List<CrashDisk> disks = shape.create(TRACE);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, random);
        List<CrashDisk> gone = new ArrayList<>();
        boolean sameDisks = (failed + shape.disks()) % 2 == 0;
        for (int slot = 0; slot < shape.disks(); slot++) {
            if ((failed >> slot & 1) != 0) {
                Rebuilds.manager(array).fail("disk" + slot, false);
                Rebuilds.manager(array).remove("disk" + slot);
                CrashDisk old = disks.get(slot);
                disks.set(slot, sameDisks ? old.onTrace(TRACE) : Rebuilds.blank(shape, "new" + slot, TRACE));
                gone.add(old);
            }
        }
        Rebuilds.writeSome(shape, array, content, random);
        Rebuilds.assertReads(array, content, words + ", degraded");
        for (int slot = 0; slot < shape.disks(); slot++) {
            if ((failed >> slot & 1) != 0) {
                Rebuilds.manager(array).add(disks.get(slot), false);
                Rebuilds.writeSome(shape, array, content, random);
            }
        }
        Rebuilds.awaitWhole(array);
        Rebuilds.assertReads(array, content, words + ", rebuilt");
        Rebuilds.writeSome(shape, array, content, random);
        array.close();
        assertEquals(-1, shape.wrongParity(disks), words);
        List<CrashDisk> all = Rebuilds.reopened(disks);
        if (failed % 2 == 0 && !sameDisks) {
            // A device that was removed is recognised, and does no harm.
            all.addAll(Rebuilds.reopened(gone));
        }
        RaidArray again = shape.open(all);
        assertEquals("0", again.attributes().get("degraded"), words);
        Rebuilds.assertReads(again, content, words + ", opened again");
        again.close();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void eachMemberCanBeReplaced(ArrayShape shape) throws IOException {
        List<CrashDisk> disks = shape.create(TRACE);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        Random random = new Random(3);
        RaidArray array = shape.open(disks);
        Rebuilds.write(array, content, 0, content.length, random);
        for (int slot = 0; slot < shape.disks(); slot++) {
            CrashDisk next = Rebuilds.blank(shape, "new" + slot, TRACE);
            Rebuilds.manager(array).replaceWithNew("disk" + slot, next, false);
            Rebuilds.awaitWhole(array);
            assertEquals("in_sync new" + slot, array.attributes().get("rd" + slot));
            Rebuilds.manager(array).remove("disk" + slot);
            disks.set(slot, next);
            Rebuilds.writeSome(shape, array, content, random);
        }
        Rebuilds.assertReads(array, content, shape.toString());
        array.close();
        assertEquals(-1, shape.wrongParity(disks));
        RaidArray again = shape.open(Rebuilds.reopened(disks));
        Rebuilds.assertReads(again, content, shape.toString());
        assertTrue(Rebuilds.attribute(again, "rd0").startsWith("in_sync"));
        again.close();
    }
}
