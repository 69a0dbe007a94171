package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.array.ReshapedArray.Shape;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The read-only view of arrays in the middle of a reshape; {@link ReshapedArray} writes them by itself. */
class ReshapeViewTest {
    private static final AssembleOptions LOOK =
            AssembleOptions.defaults().withReadOnly(true).withRun(true);
    private static final int LS = 2;
    private static final int Q_LAST = 18;

    private static final ReshapedArray GROWN =
            new ReshapedArray(new Shape(5, LS, 4, 16), new Shape(5, LS, 5, 16), -64, 576, false);

    /** A RAID-6 that mdadm 4.6 reshapes so that it can be a RAID-5 afterwards. */
    private static final ReshapedArray TO_LEVEL_5 =
            new ReshapedArray(new Shape(6, LS, 5, 16), new Shape(6, Q_LAST, 6, 16), -256, 960, false, 5);

    /** What mdadm can leave: more and fewer disks, another chunk, another layout, forwards and backwards. */
    private static final List<ReshapedArray> ALL = List.of(
            GROWN,
            new ReshapedArray(new Shape(4, 0, 3, 16), new Shape(4, 0, 5, 16), -32, 640, false),
            new ReshapedArray(new Shape(6, LS, 4, 8), new Shape(6, LS, 6, 8), 0, 960, false),
            new ReshapedArray(new Shape(5, LS, 5, 16), new Shape(5, LS, 4, 16), 0, 1536, true),
            new ReshapedArray(new Shape(6, LS, 6, 16), new Shape(6, LS, 5, 16), 0, 1536, true),
            new ReshapedArray(new Shape(5, LS, 4, 16), new Shape(5, LS, 4, 64), -256, 960, false),
            new ReshapedArray(new Shape(5, LS, 4, 64), new Shape(5, LS, 4, 16), 256, 960, true),
            new ReshapedArray(new Shape(6, Q_LAST, 5, 16), new Shape(6, LS, 5, 16), -256, 960, false),
            new ReshapedArray(new Shape(6, LS, 5, 16), new Shape(6, Q_LAST, 5, 16), 256, 960, true),
            TO_LEVEL_5);

    private static void assertReads(ReshapedArray reshaped, List<CrashDisk> left, String words) throws IOException {
        byte[] content = Arrays.copyOf(reshaped.content(), (int) reshaped.volumeBytes());
        RaidArray array = ArrayShape.open(left, null, LOOK);
        assertEquals(content.length, array.sizeBytes(), words);
        Rebuilds.assertReads(array, content, words);
        array.close();
    }

    @Test
    void bothPartsAreReadInTheirShapes() throws IOException {
        for (ReshapedArray reshaped : ALL) {
            assertReads(reshaped, reshaped.disks(), reshaped.toString());
        }
    }

    @Test
    void anyOneDeviceMayBeMissing() throws IOException {
        for (ReshapedArray reshaped : ALL) {
            for (int gone = 0; gone < reshaped.slots(); gone++) {
                List<CrashDisk> left = new ArrayList<>(reshaped.disks());
                left.remove(gone);
                assertReads(reshaped, left, reshaped + " without " + gone);
            }
        }
    }

    /** The last device of an array that becomes RAID-6 has no part of the old shape, and is one of the two. */
    @Test
    void anyTwoDevicesOfRaid6MayBeMissing() throws IOException {
        for (ReshapedArray reshaped :
                ALL.stream().filter(each -> each.after().level() == 6).toList()) {
            boolean lastIsEmpty = reshaped.before().layout() == Q_LAST;
            for (int second = lastIsEmpty ? reshaped.slots() - 1 : 1; second < reshaped.slots(); second++) {
                for (int first = 0; first < second; first++) {
                    List<CrashDisk> left = new ArrayList<>(reshaped.disks());
                    left.remove(second);
                    left.remove(first);
                    assertReads(reshaped, left, reshaped + " without " + first + " and " + second);
                }
            }
        }
    }

    @Test
    void positionsAtBothEnds() throws IOException {
        for (long position : new long[] {0, 768L * 3}) {
            ReshapedArray reshaped = new ReshapedArray(GROWN.before(), GROWN.after(), -64, position, false);
            for (int gone = -1; gone < 5; gone++) {
                List<CrashDisk> left = new ArrayList<>(reshaped.disks());
                if (gone >= 0) {
                    left.remove(gone);
                }
                assertReads(reshaped, left, position + " without " + gone);
            }
        }
    }

    private static ArrayRefusedException refused(List<CrashDisk> disks, AssembleOptions options) {
        return assertThrows(ArrayRefusedException.class, () -> ArrayShape.open(disks, null, options));
    }

    @Test
    void writingIsRefusedByNameAndWithWhatToDo() throws IOException {
        ArrayRefusedException e = refused(GROWN.disks(), AssembleOptions.defaults());
        assertEquals(Reason.UNSUPPORTED, e.reason());
        for (String part : List.of("disks 4 -> 5", "25 % done", "mdadm --assemble", "--read-only")) {
            assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
        }
    }

    @Test
    void tooFewDevicesAreRefused() throws IOException {
        List<CrashDisk> left = GROWN.disks().subList(2, 5);
        assertEquals(Reason.MISSING, refused(left, LOOK).reason());
    }

    /** Before the position has moved, an added disk is not needed, and another may be missing besides. */
    @Test
    void aDiskThatHoldsNothingYetIsNotNeeded() throws IOException {
        ReshapedArray begun = new ReshapedArray(GROWN.before(), GROWN.after(), -64, 0, false);
        assertReads(begun, begun.disks().subList(1, 4), "without 0 and 4");
    }

    /** A reshape in place overwrites what it reads, and only mdadm's backup file has what was cut short. */
    @Test
    void aReshapeInPlaceNeedsForce() throws IOException {
        ReshapedArray inPlace = new ReshapedArray(new Shape(5, LS, 4, 16), new Shape(5, LS, 4, 64), 0, 960, false);
        ArrayRefusedException e = refused(inPlace.disks(), LOOK);
        assertEquals(Reason.UNSAFE, e.reason());
        assertTrue(String.valueOf(e.getMessage()).contains("backup file"), e.getMessage());
        RaidArray array = ArrayShape.open(inPlace.disks(), null, LOOK.withForce(true));
        assertTrue(
                array.startMessages().stream().anyMatch(line -> line.contains("480 KiB")),
                array.startMessages()::toString);
        array.close();
    }

    private static List<String> messages(ReshapedArray reshaped) throws IOException {
        RaidArray array = ArrayShape.open(reshaped.disks(), null, LOOK);
        List<String> messages = array.startMessages();
        array.close();
        return messages;
    }

    private static void assertSays(boolean said, String words, ReshapedArray reshaped) throws IOException {
        List<String> messages = messages(reshaped);
        assertEquals(said, messages.stream().anyMatch(line -> line.contains(words)), reshaped + ": " + messages);
    }

    /** md does not start it any more, so a line says that md can't go on. */
    @Test
    void theLevelThatIsToFollowIsNamed() throws IOException {
        assertSays(true, "already name level 5", TO_LEVEL_5);
        assertSays(false, "already name level", GROWN);
    }

    /** md can be ahead of a position that was never recorded, too. */
    @Test
    void aPositionThatMdRecordsLateIsNamed() throws IOException {
        for (long position : new long[] {0, 960}) {
            assertSays(
                    true,
                    "every 10 seconds",
                    new ReshapedArray(new Shape(5, LS, 4, 16), new Shape(5, LS, 4, 64), -256, position, false));
        }
        assertSays(false, "every 10 seconds", GROWN);
    }

    @Test
    void aScrubIsRefusedAndTheStateIsShown() throws IOException {
        RaidArray array = ArrayShape.open(GROWN.disks(), null, LOOK);
        assertThrows(ArrayRefusedException.class, () -> array.setAttribute("sync_action", "check"));
        assertEquals("576", array.attributes().get("reshape_position"));
        assertEquals("disks 4 -> 5, 25% complete", array.attributes().get("reshape"));
        assertEquals("5", array.attributes().get("raid_disks"));
        array.close();
    }
}
