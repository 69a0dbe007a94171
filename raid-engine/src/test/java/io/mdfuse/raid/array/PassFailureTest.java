package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.PassState;
import io.mdfuse.raid.sync.Rebuild;
import io.mdfuse.raid.sync.Resync;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unchecked exception or an Error in a background pass ends that pass as failed, and its reason is reported. */
class PassFailureTest {
    private static final ArrayShape SHAPE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 0, Superblock.IN_SYNC, false);

    /** Throws at every read of the members' data, after the test has armed it. */
    private static final class ThrowingDevice extends ForwardingDevice {
        private volatile boolean armed;
        private final boolean error;

        ThrowingDevice(BlockDevice device, boolean error) {
            super(device);
            this.error = error;
        }

        @Override
        public void read(long offsetBytes, MemorySegment target) throws DeviceException {
            if (armed && offsetBytes >= ScrubbedArray.dataOffset()) {
                if (error) {
                    throw new AssertionError("planted");
                }
                throw new IllegalStateException("planted");
            }
            device.read(offsetBytes, target);
        }
    }

    private static String reason(boolean error) {
        return error ? "java.lang.AssertionError: planted" : "planted";
    }

    private static List<BlockDevice> with(ThrowingDevice thrower, int slot, List<? extends BlockDevice> disks) {
        List<BlockDevice> devices = new ArrayList<>(disks);
        devices.set(slot, thrower);
        return devices;
    }

    private static void assertReported(RaidArray array, String text) {
        List<String> texts = new ArrayList<>();
        try {
            for (ArrayEvent event = array.events().take(Duration.ZERO);
                    event != null;
                    event = array.events().take(Duration.ZERO)) {
                texts.add(event.name() + ": " + event.text());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertTrue(texts.contains("RebuildStopped: " + text), () -> texts + " lacks " + text);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResyncFails(boolean error) throws IOException {
        DirtyArray dirty = DirtyArray.make(SHAPE, 1);
        var disks = Rebuilds.reopened(dirty.disks);
        ThrowingDevice thrower = new ThrowingDevice(disks.get(2), error);
        List<Runnable> resyncs = new ArrayList<>();
        RaidArray array = ResyncFailureTest.openHolding(with(thrower, 2, disks), resyncs);
        thrower.armed = true;
        Resync resync = (Resync) resyncs.getFirst();
        resync.run();
        assertEquals(PassState.FAILED, resync.state());
        Map<String, String> after = array.attributes();
        assertEquals("the resync stopped at sector 0: " + reason(error), after.get("sync_trouble"));
        assertEquals("idle", after.get("sync_action"));
        assertReported(array, "the resync of parity ended at sector 0 of 48: " + reason(error));
        thrower.armed = false;
        array.close();
        try (RaidArray again = SHAPE.open(Rebuilds.reopened(dirty.disks))) {
            assertEquals("none", again.attributes().get("sync_trouble"), "the next mount resyncs it");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRebuildFails(boolean error) throws IOException {
        var disks = SHAPE.create(CrashTrace.notRecording());
        ThrowingDevice thrower = new ThrowingDevice(disks.get(2), error);
        RaidArray array = SHAPE.open(with(thrower, 2, disks));
        MemberManager manager = Rebuilds.manager(array);
        MemberOutcome unused = manager.fail("disk1", false);
        thrower.armed = true;
        String added =
                MemberOutcomeText.of(manager.add(Rebuilds.blank(SHAPE, "next", CrashTrace.notRecording()), false));
        assertTrue(added.startsWith("added next"), added);
        Rebuilds.awaitSettled(array);
        Rebuild rebuild = manager.rebuilds().newest();
        assertNotNull(rebuild);
        assertEquals(PassState.FAILED, rebuild.state());
        assertTrue(rebuild.isStuck());
        Map<String, String> after = array.attributes();
        assertEquals(reason(error), after.get("sync_trouble"));
        assertEquals("1", after.get("degraded"));
        assertReported(array, "the rebuild of slot 1 on next ended at sector 0 of 48: " + reason(error));
        thrower.armed = false;
        array.setAttribute("sync_action", "recover");
        Rebuilds.awaitWhole(array);
        array.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aScrubFails(boolean error) throws IOException {
        var disks = SHAPE.create(CrashTrace.notRecording());
        ThrowingDevice thrower = new ThrowingDevice(disks.get(2), error);
        RaidArray array = SHAPE.open(with(thrower, 2, disks));
        thrower.armed = true;
        array.setAttribute("sync_action", "check");
        Map<String, String> after = array.attributes();
        assertEquals("idle", after.get("sync_action"));
        assertEquals("failed at sector 0: " + reason(error), after.get("last_sync_result"));
        assertReported(array, "the check ended at sector 0 of 48: failed at sector 0: " + reason(error));
        thrower.armed = false;
        array.setAttribute("sync_action", "check");
        assertEquals("done", array.attributes().get("last_sync_result"));
        array.close();
    }
}
