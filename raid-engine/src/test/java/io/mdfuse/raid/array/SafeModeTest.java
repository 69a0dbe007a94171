package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attributes safe_mode_delay and array_state: when an array without a journal is marked clean. */
class SafeModeTest {
    private static final PolicyShape SHAPE =
            new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);

    private final ManualTimer timer = new ManualTimer();
    private final List<CrashDisk> disks;
    private final RaidArray array;

    SafeModeTest() throws IOException {
        disks = SHAPE.create(CrashTrace.recording());
        array = PolicyShape.open(disks, timer);
    }

    private static void write(RaidArray array) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            array.write(0, arena.allocate(4096).fill((byte) 7));
        }
    }

    private void assertState(String expected) {
        assertEquals(expected, Rebuilds.attribute(array, "array_state"));
    }

    @Test
    void theDelayIsTheTimeWithoutAWrite() throws IOException {
        assertEquals("0.200", Rebuilds.attribute(array, "safe_mode_delay"));
        array.setAttribute("safe_mode_delay", "5");
        assertEquals("5.000", Rebuilds.attribute(array, "safe_mode_delay"));
        write(array);
        timer.pass(3000);
        write(array);
        timer.pass(4999);
        assertState("active");
        timer.pass(1);
        assertState("clean");
        array.close();
    }

    /** The check for idleness that is scheduled already must not keep a shorter delay from its effect. */
    @Test
    void aShorterDelayTakesEffectWithinASecond() throws IOException {
        array.setAttribute("safe_mode_delay", "3600");
        write(array);
        timer.pass(100_000);
        assertState("active");
        array.setAttribute("safe_mode_delay", "0.25");
        timer.pass(1000);
        assertState("clean");
        array.close();
    }

    @Test
    void aLongerDelayTakesEffectAtOnce() throws IOException {
        write(array);
        array.setAttribute("safe_mode_delay", "2");
        timer.pass(1999);
        assertState("active");
        timer.pass(1);
        assertState("clean");
        array.close();
    }

    @Test
    void withADelayOfZeroOnlyTheStopMarksClean() throws IOException {
        write(array);
        array.setAttribute("safe_mode_delay", "0");
        timer.pass(1000);
        write(array);
        timer.pass(3_600_000);
        assertState("active");
        array.close();
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(disks));
    }

    @Test
    void aDelayAfterZeroMarksCleanWithoutAnotherWrite() throws IOException {
        array.setAttribute("safe_mode_delay", "0");
        write(array);
        timer.pass(3_600_000);
        array.setAttribute("safe_mode_delay", "0.2");
        timer.pass(200);
        assertState("clean");
        array.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "soon", "", "0.0001", "1e3", "9999999"})
    void aWrongDelayChangesNothing(String value) throws IOException {
        assertThrows(IllegalArgumentException.class, () -> array.setAttribute("safe_mode_delay", value));
        assertEquals("0.200", Rebuilds.attribute(array, "safe_mode_delay"));
        array.close();
    }

    @Test
    void cleanIsMarkedAtOnceAndTheNextWriteMarksDirty() throws IOException {
        array.setAttribute("safe_mode_delay", "0");
        write(array);
        array.setAttribute("array_state", "active");
        assertState("active");
        array.setAttribute("array_state", "clean");
        assertState("clean");
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(disks));
        write(array);
        assertState("active");
        assertEquals(0, Superblocks.resyncOffset(disks));
        array.close();
    }

    @Test
    void otherStatesAreRefused() throws IOException {
        for (String word : List.of("readonly", "read-auto", "inactive", "clear")) {
            assertThrows(ArrayRefusedException.class, () -> array.setAttribute("array_state", word), word);
        }
        for (String word : List.of("sleepy", "", "Clean")) {
            assertThrows(IllegalArgumentException.class, () -> array.setAttribute("array_state", word), word);
        }
        assertState("clean");
        array.close();
    }

    /** While a member is being written, clean is refused and the superblocks go on to say dirty. */
    @Test
    void cleanIsRefusedWhileAWriteIsInProgress() throws IOException {
        List<CrashDisk> fresh = SHAPE.create(CrashTrace.recording());
        AtomicInteger refusals = new AtomicInteger();
        RaidArray[] hooked = new RaidArray[1];
        HookedDevice device = new HookedDevice(fresh.getFirst(), () -> {
            assertThrows(ArrayRefusedException.class, () -> hooked[0].setAttribute("array_state", "clean"));
            assertEquals("active", Rebuilds.attribute(hooked[0], "array_state"));
            refusals.incrementAndGet();
        });
        List<BlockDevice> devices = new ArrayList<>(fresh);
        devices.set(0, device);
        hooked[0] = PolicyShape.open(devices, timer);
        device.arm(Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS));
        write(hooked[0]);
        device.disarm();
        assertTrue(refusals.get() > 0, "no write of the member was seen");
        hooked[0].setAttribute("array_state", "clean");
        assertEquals("clean", Rebuilds.attribute(hooked[0], "array_state"));
        hooked[0].close();
        array.close();
    }
}
