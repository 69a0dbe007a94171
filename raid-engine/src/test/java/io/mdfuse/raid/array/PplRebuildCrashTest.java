package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockLocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power fails at every event while members of an array with partial parity logs are rebuilt and replaced under writes,
 * and while one fails that is being replaced, in the middle of a write. Every device with a slot has a
 * log then, and trusted parity is correct.
 */
@Execution(ExecutionMode.CONCURRENT)
class PplRebuildCrashTest {
    private static final int ROWS = 6;

    /** Events in which a new device takes its slot, and nothing is written to the array. */
    private final BitSet joining = new BitSet();

    private long openedDegraded;
    private long refused;

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void everyCrashLeavesParityThatCanBeTrusted(int members) throws IOException {
        PolicyShape shape =
                new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, members, 8, ROWS, Features.PPL, Superblock.IN_SYNC);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        work(shape, disks, model, trace);
        long count = new CrashStates(trace, 3, 1, 17).forEach(new Thinning(3), state -> {
            if (joining.get(state.prefixLength())) {
                requireLogs(state.disks(CrashTrace.notRecording()));
            }
            RecoveredTwice.check(state, (found, crashedAt) -> recover(shape, model, found, crashedAt));
        });
        assertTrue(count > 170, "only " + count + " states");
        assertTrue(refused * 2 < openedDegraded, refused + " of " + openedDegraded + " refused");
    }

    private void work(PolicyShape shape, List<CrashDisk> disks, VolumeModel model, CrashTrace trace)
            throws IOException {
        int row = (int) Sectors.toBytes(shape.geometry().rowSectors());
        // The last slot's device has something done in the middle of a write to it.
        int last = shape.disks() - 1;
        HookedDevice[] lastHooked = new HookedDevice[1];
        RaidArray[] opened = new RaidArray[1];
        lastHooked[0] = new HookedDevice(disks.get(last), () -> {
            lastHooked[0].disarm();
            Rebuilds.manager(opened[0]).fail("disk0", true);
        });
        List<BlockDevice> devices = new ArrayList<>(disks);
        devices.set(last, lastHooked[0]);
        RaidArray array = PolicyShape.open(devices, new ManualTimer());
        opened[0] = array;
        MemberManager manager = Rebuilds.manager(array);
        model.write(array, 0, ROWS * row);
        model.flush(array);

        manager.fail("disk1", false);
        model.write(array, 4096, 4096);
        model.flush(array);
        manager.remove("disk1");
        addUnderWrites(array, model, shape.blank("added", trace), row, trace);
        assertEquals("in_sync added", array.attributes().get("rd1"));
        model.write(array, row, row);

        model.flush(array);
        int begin = trace.length();
        int[] ranges = new int[1];
        HookedDevice replacing = new HookedDevice(shape.blank("replacing", trace), () -> {
            int passing = ranges[0]++;
            if (passing == 0) {
                joining.set(begin, trace.length());
            }
            if (passing == ROWS - 2) {
                array.setAttribute("sync_action", "frozen");
            }
            model.write(array, (passing + 1L) % ROWS * row + 512, 3000);
            model.write(array, (passing + 3L) % ROWS * row, 4096);
        });
        replacing.arm(dataOffsetBytes());
        manager.replaceWithNew("disk0", replacing, false);
        replacing.disarm();
        assertEquals(ROWS - 1, ranges[0]);
        model.flush(array);
        // Parity of this row is on slot 0, its last data slot on the last.
        int parityOnFirst = shape.disks() - 1;
        lastHooked[0].arm(dataOffsetBytes());
        model.write(array, (parityOnFirst + 1L) * row - 4096, 4096);
        assertEquals("1", array.attributes().get("degraded"));
        model.write(array, (parityOnFirst + 1L) * row - 4096 - 512, 1024);
        model.flush(array);
        array.setAttribute("sync_action", "recover");
        assertEquals("in_sync replacing", array.attributes().get("rd0"));
        model.write(array, 700, 3000);
        array.close();
    }

    /** Before the rebuild reaches the new member's nth range, requests write to rows that it passed and did not. */
    private void addUnderWrites(RaidArray array, VolumeModel model, CrashDisk added, int row, CrashTrace trace)
            throws IOException {
        int begin = trace.length();
        int[] ranges = new int[1];
        HookedDevice hooked = new HookedDevice(added, () -> {
            int passing = ranges[0]++;
            if (passing == 0) {
                joining.set(begin, trace.length());
            }
            for (int other = 0; other < ROWS; other++) {
                if (other != passing) {
                    model.write(array, (long) other * row + 4096L * (passing % 2) + 512, 1024);
                }
            }
        });
        hooked.arm(dataOffsetBytes());
        Rebuilds.manager(array).add(hooked, false);
        hooked.disarm();
        assertEquals(ROWS, ranges[0]);
    }

    private static long dataOffsetBytes() {
        return Sectors.toBytes(PolicyShape.DATA_OFFSET_SECTORS);
    }

    private static void requireLogs(List<CrashDisk> disks) throws IOException {
        for (CrashDisk disk : disks) {
            Optional<Superblock> superblock = SuperblockLocator.find(disk);
            if (superblock.isPresent() && Roles.isSlot(superblock.get().ownRole())) {
                PplArea area = PplArea.of(new FoundDevice(disk, superblock.get()));
                assertTrue(area.newest().isPresent(), disk.name() + " has a slot and no log");
            }
        }
    }

    /** Returns false if the array may be refused: dirty and degraded, and no log says what was being written. */
    private boolean recover(PolicyShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        List<CrashDisk> usable = Superblocks.on(disks);
        ManualTimer timer = new ManualTimer();
        RaidArray array;
        try {
            array = PolicyShape.open(usable, timer, AssembleOptions.defaults().withRun(true));
        } catch (ArrayRefusedException e) {
            assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
            refused++;
            openedDegraded++;
            return false;
        }
        if (!"0".equals(array.attributes().get("degraded"))) {
            openedDegraded++;
            model.checkSettled(array, crashedAt);
        } else {
            model.check(array, crashedAt);
        }
        timer.pass(1);
        boolean whole = "0".equals(array.attributes().get("degraded"));
        List<CrashDisk> inSlots = new ArrayList<>();
        for (int slot = 0; slot < shape.disks() && whole; slot++) {
            String words = Rebuilds.attribute(array, "rd" + slot);
            inSlots.addAll(usable.stream()
                    .filter(disk -> words.equals("in_sync " + disk.name()))
                    .toList());
        }
        array.close();
        if (whole) {
            assertEquals(shape.disks(), inSlots.size());
            assertEquals(-1, shape.wrongParity(inSlots), "member sector with wrong parity");
        }
        return true;
    }
}
