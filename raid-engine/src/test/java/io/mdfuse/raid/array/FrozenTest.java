package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The value {@code frozen} of {@code sync_action}, as in md: every other action that is accepted ends it. */
class FrozenTest {
    private static final ArrayShape SHAPE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 16, 64, 0, Superblock.IN_SYNC, false);

    private final CrashTrace trace = CrashTrace.notRecording();

    private RaidArray frozenWithASpare() throws IOException {
        RaidArray array = SHAPE.open(SHAPE.create(trace));
        Rebuilds.manager(array).fail("disk1", false);
        array.setAttribute("sync_action", "frozen");
        Rebuilds.manager(array).add(Rebuilds.blank(SHAPE, "new", trace), false);
        assertEquals("frozen", Rebuilds.attribute(array, "sync_action"));
        assertEquals("none", Rebuilds.attribute(array, "sync_completed"));
        assertEquals("1", Rebuilds.attribute(array, "degraded"));
        assertTrue(
                Rebuilds.attribute(array, "sync_trouble").startsWith("rebuilds are frozen until "),
                Rebuilds.attribute(array, "sync_trouble"));
        return array;
    }

    @ParameterizedTest
    @ValueSource(strings = {"idle", "recover", "check", "repair"})
    void everyOtherActionEndsIt(String action) throws IOException {
        RaidArray array = frozenWithASpare();
        array.setAttribute("sync_action", action);
        Rebuilds.awaitWhole(array);
        assertEquals("none", Rebuilds.attribute(array, "sync_trouble"));
        array.close();
    }

    @Test
    void aRefusedActionDoesNotEndIt() throws IOException {
        RaidArray array = frozenWithASpare();
        assertThrows(IllegalArgumentException.class, () -> array.setAttribute("sync_action", "mend"));
        assertEquals("frozen", Rebuilds.attribute(array, "sync_action"));
        array.close();
    }

    @Test
    void anArrayWithoutAnythingToRebuildShowsIt() throws IOException {
        RaidArray array = SHAPE.open(SHAPE.create(trace));
        array.setAttribute("sync_action", "frozen");
        assertEquals("frozen", Rebuilds.attribute(array, "sync_action"));
        assertEquals("none", Rebuilds.attribute(array, "sync_trouble"));
        array.setAttribute("sync_action", "idle");
        assertEquals("idle", Rebuilds.attribute(array, "sync_action"));
        array.close();
    }

    @Test
    void aReadOnlyArrayShowsIt() throws IOException {
        RaidArray array = ArrayShape.open(
                SHAPE.create(trace), null, AssembleOptions.defaults().withReadOnly(true));
        array.setAttribute("sync_action", "frozen");
        assertEquals("frozen", Rebuilds.attribute(array, "sync_action"));
        array.setAttribute("sync_action", "check");
        Rebuilds.awaitSettled(array);
        assertEquals("done", Rebuilds.attribute(array, "last_sync_result"));
        array.close();
    }

    /** The rebuild that {@code frozen} stops has not ended yet when {@code recover} is set: it must begin anew. */
    @Test
    void aRebuildThatIsStillStoppingBeginsAnew() throws IOException {
        RaidArray array = SHAPE.open(SHAPE.create(trace));
        Rebuilds.manager(array).fail("disk1", false);
        CrashDisk next = Rebuilds.blank(SHAPE, "new", trace);
        AtomicInteger writes = new AtomicInteger();
        HookedDevice hooked = new HookedDevice(next, () -> {
            if (writes.getAndIncrement() == 0) {
                array.setAttribute("sync_action", "frozen");
                array.setAttribute("sync_action", "recover");
            }
        });
        hooked.arm(Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS));
        Rebuilds.manager(array).add(hooked, false);
        Rebuilds.awaitWhole(array);
        assertTrue(writes.get() > 1, "the hook ran");
        array.close();
    }
}
