package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power fails at every event while a member is failed, removed and re-added by the bitmap, with writes between and
 * during these steps. After each crash no member is trusted for what it lacks, and the array can be made complete
 * again: by the rebuild that continues, or by a second re-add.
 */
class ReAddCrashTest {
    private static final PolicyShape SHAPE =
            new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 8, 8, Features.BITMAP, Superblock.IN_SYNC);
    private static final int ROW_BYTES = 2 * 4096;

    /** Rows from here on are written before the member leaves, and never again. */
    private static final int FIRST_OLD_ROW = 6;

    private final ManualTimer timer = new ManualTimer();
    private byte[] oldRows = new byte[0];
    private long refused;
    private long reAdded;

    private void work(List<CrashDisk> disks, VolumeModel model, CrashTrace trace, int[] from, boolean clean)
            throws IOException {
        RaidArray array = PolicyShape.open(lent(disks), timer);
        for (int row = 0; row < SHAPE.rows(); row++) {
            model.write(array, (long) row * ROW_BYTES, ROW_BYTES);
        }
        model.flush(array);
        timer.pass(20_000);
        oldRows = readOldRows(array);
        from[0] = trace.length();
        MemberManager manager = Rebuilds.manager(array);
        manager.fail("disk1", false);
        model.write(array, 0, 4096);
        model.write(array, 2L * ROW_BYTES + 100, 700);
        model.write(array, 4L * ROW_BYTES, ROW_BYTES);
        model.flush(array);
        if (clean) {
            timer.pass(1000);
        }
        manager.remove("disk1");
        int[] ranges = new int[1];
        HookedDevice hooked = new HookedDevice(new LentDevice(disks.get(1)), () -> {
            // Below the position and above it, in regions that it lacks and in others, but not in the row that is held.
            int passing = 2 * ranges[0]++;
            model.write(array, (passing + 1) % 6L * ROW_BYTES + 512, 512);
            model.write(array, (passing + 4) % 6L * ROW_BYTES, 4096);
            model.flush(array);
        });
        if (!clean) {
            hooked.arm(Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS));
        }
        String said = MemberOutcomeText.of(manager.reAdd(hooked));
        hooked.disarm();
        assertEquals(clean ? 0 : 3, ranges[0]);
        assertTrue(said.contains("regions"), said);
        assertEquals("0", array.attributes().get("degraded"));
        timer.pass(1000);
        model.write(array, 3L * ROW_BYTES, 4096);
        model.flush(array);
        timer.pass(20_000);
        array.close();
    }

    private static List<LentDevice> lent(List<CrashDisk> disks) {
        return disks.stream().map(LentDevice::new).toList();
    }

    private static byte[] readOldRows(RaidArray array) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = arena.allocate((long) (SHAPE.rows() - FIRST_OLD_ROW) * ROW_BYTES);
            array.read((long) FIRST_OLD_ROW * ROW_BYTES, rows);
            return rows.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** With the array clean when the member comes back, and with writes all the way through. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyCrashLeavesWhatWasSafeAndBecomesWhole(boolean clean) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = SHAPE.create(trace);
        VolumeModel model = new VolumeModel(trace, SHAPE.geometry().arrayBytes(), 512, false, 42);
        int[] from = new int[1];
        work(disks, model, trace, from, clean);
        long count = new CrashStates(trace, 2, 1, 17).forEach(from[0], state -> check(model, state));
        assertTrue(count > 100, "only " + count + " states");
        assertTrue(reAdded > 0, "none was re-added again");
        assertTrue(refused < count, refused + " of " + count + " refused");
    }

    private void check(VolumeModel model, CrashState state) throws IOException {
        CrashTrace recovery = CrashTrace.recording();
        boolean forced = recover(model, state.disks(recovery), state.prefixLength(), false);
        Random random = new Random(state.prefixLength() * 31L + state.survival().hashCode());
        int cut = random.nextInt(recovery.length() + 1);
        Survival survival = new Survival.Seeded(random.nextLong());
        try {
            recover(model, recovery.materialise(cut, survival), state.prefixLength(), forced);
        } catch (AssertionError e) {
            throw new AssertionError("recovery cut after " + cut + " of " + recovery.length() + ": " + e, e);
        }
    }

    /**
     * Opens the array as a user does, and makes it complete. Returns true if that had to be forced, which may cost what
     * the lost member held of stripes that were being written.
     */
    private boolean recover(VolumeModel model, List<CrashDisk> disks, int crashedAt, boolean alreadyForced)
            throws IOException {
        ManualTimer own = new ManualTimer();
        boolean forced = alreadyForced;
        RaidArray array;
        AssembleOptions options = AssembleOptions.defaults().withRun(true);
        List<LentDevice> usable = new ArrayList<>(lent(disks));
        while (true) {
            try {
                array = PolicyShape.open(usable, own, options.withForce(forced));
                break;
            } catch (ArrayRefusedException e) {
                if (e.reason() == Reason.STALE && usable.size() == 3) {
                    // The message tells the user to leave this device out.
                    assertTrue(String.valueOf(e.getMessage()).startsWith("disk1"), e::getMessage);
                    usable.remove(1);
                } else if (e.reason() == Reason.UNSAFE && !forced) {
                    refused++;
                    forced = true;
                } else {
                    throw e;
                }
            }
        }
        if (!forced) {
            model.check(array, crashedAt);
        }
        own.pass(1);
        if (!"0".equals(array.attributes().get("degraded"))) {
            MemberManager manager = Rebuilds.manager(array);
            if (manager.devices().named("disk1") != null) {
                manager.remove("disk1");
            }
            try {
                reAdded += MemberOutcomeText.of(manager.reAdd(new LentDevice(disks.get(1))))
                                .contains("regions")
                        ? 1
                        : 0;
            } catch (ArrayRefusedException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("can't be re-added: "), e::toString);
                manager.add(new LentDevice(disks.get(1)), false);
            }
            own.pass(1);
        }
        assertEquals("0", array.attributes().get("degraded"));
        if (!forced) {
            model.check(array, crashedAt);
        }
        assertEquals(-1, MemorySegment.ofArray(oldRows).mismatch(MemorySegment.ofArray(readOldRows(array))));
        array.close();
        if (!forced) {
            assertEquals(-1, SHAPE.wrongParity(disks));
        }
        return forced;
    }
}
