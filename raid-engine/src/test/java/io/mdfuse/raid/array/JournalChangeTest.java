package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A journal is added, dropped, missing, or fails: the content of the array stays correct in each case. */
class JournalChangeTest {
    private static final ArrayShape JOURNALED =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 40, Superblock.IN_SYNC, true);
    private static final ArrayShape PLAIN =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false);
    private static final AssembleOptions PLAINLY = AssembleOptions.defaults().withStripeCacheSize(6);
    /** The devices are open already, so the path is not used. */
    private static final AssembleOptions ADDING = PLAINLY.withAddJournal(DeviceSpec.of(Path.of("journal")));

    private final CrashTrace trace = CrashTrace.recording();

    private static RaidArray open(List<? extends BlockDevice> disks, AssembleOptions options) throws IOException {
        return ArrayShape.open(disks, null, options);
    }

    private static VolumeModel modelOf(CrashTrace trace, ArrayShape shape) {
        return new VolumeModel(trace, shape.geometry().arrayBytes(), 4096, false, 3);
    }

    private static void fill(VolumeModel model, RaidArray array, ArrayShape shape) throws IOException {
        model.write(array, 0, (int) shape.geometry().arrayBytes());
        model.write(array, 4096, 4096);
        model.flush(array);
    }

    private static Reason refusal(List<? extends BlockDevice> disks, AssembleOptions options) {
        return assertThrows(ArrayRefusedException.class, () -> open(disks, options))
                .reason();
    }

    /** The disks after a crash in write-back mode: some data is only in the journal. */
    private List<CrashDisk> crashed(VolumeModel model) throws IOException {
        List<CrashDisk> disks = JOURNALED.create(trace);
        RaidArray array = JOURNALED.open(disks);
        fill(model, array, JOURNALED);
        List<CrashDisk> left = Rebuilds.reopened(disks);
        array.close();
        return left;
    }

    /** An array without a journal that was written and closed. */
    private List<CrashDisk> filled(VolumeModel model) throws IOException {
        List<CrashDisk> disks = PLAIN.create(trace);
        RaidArray array = open(disks, PLAINLY);
        fill(model, array, PLAIN);
        array.close();
        return disks;
    }

    @Test
    void aDroppedJournalIsReplayedFirstAndNotNeededAfterwards() throws IOException {
        VolumeModel model = modelOf(trace, JOURNALED);
        List<CrashDisk> disks = crashed(model);
        RaidArray array = open(disks, PLAINLY.withDropJournal(true));
        model.checkAnswered(array);
        assertEquals("none", array.attributes().get("journal_mode"));
        assertEquals("resync", array.attributes().get("consistency_policy"));
        assertEquals("0x0", array.attributes().get("feature_map"));
        array.close();
        for (List<CrashDisk> devices : List.of(disks, disks.subList(0, 3))) {
            RaidArray again = open(Rebuilds.reopened(devices), PLAINLY);
            model.checkAnswered(again);
            assertEquals("none", again.attributes().get("journal_mode"));
            again.close();
        }
        assertEquals(-1, JOURNALED.wrongParity(disks));
        assertEquals(Reason.UNSUPPORTED, refusal(Rebuilds.reopened(disks), PLAINLY.withDropJournal(true)));
    }

    @Test
    void aCrashWhileItIsDroppedLosesNothing() throws IOException {
        VolumeModel model = modelOf(trace, JOURNALED);
        CrashTrace dropping = CrashTrace.recording();
        List<CrashDisk> disks = CrashDisk.onTrace(crashed(model), dropping);
        open(disks, PLAINLY.withDropJournal(true)).close();
        int answered = trace.length();
        long states = new CrashStates(dropping, 4, 2, 5).forEach(state -> {
            List<CrashDisk> left = state.disks(CrashTrace.notRecording());
            RaidArray array = open(left, PLAINLY);
            model.check(array, answered);
            array.close();
            assertEquals(-1, JOURNALED.wrongParity(left));
        });
        assertTrue(states > 50, states + " states");
    }

    @Test
    void anAddedJournalIsUsedFromThenOn() throws IOException {
        VolumeModel model = modelOf(trace, PLAIN);
        List<CrashDisk> disks = CrashDisk.onTrace(filled(model), trace);
        CrashDisk blank = new CrashDisk("journal", 4 << 20, trace);
        RaidArray array = ArrayShape.open(disks, blank, ADDING);
        assertEquals("journal", array.attributes().get("consistency_policy"));
        assertEquals("0x200", array.attributes().get("feature_map"));
        array.setAttribute("journal_mode", "write-back");
        model.write(array, 8192, 8192);
        model.flush(array);
        List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(disks));
        left.addAll(Rebuilds.reopened(List.of(blank)));
        array.close();
        RaidArray again = open(Rebuilds.reopened(left), PLAINLY);
        assertEquals("write-through", again.attributes().get("journal_mode"));
        model.checkAnswered(again);
        again.close();
        assertEquals(Reason.MISSING, refusal(Rebuilds.reopened(left.subList(0, 3)), PLAINLY));
        CrashDisk second = new CrashDisk("journal", 4 << 20, CrashTrace.notRecording());
        assertEquals(
                Reason.UNSUPPORTED,
                assertThrows(
                                ArrayRefusedException.class,
                                () -> ArrayShape.open(Rebuilds.reopened(left), second, ADDING))
                        .reason());
    }

    @Test
    void aDeviceThatCantBecomeTheJournalIsRefusedAndNothingIsWritten() throws IOException {
        List<CrashDisk> disks = PLAIN.create(trace);
        CrashDisk small = new CrashDisk("small", 1 << 20, trace);
        CrashDisk used = JOURNALED.create(CrashTrace.notRecording()).getFirst();
        int before = trace.length();
        for (CrashDisk unfit : List.of(small, used)) {
            assertThrows(ArrayRefusedException.class, () -> ArrayShape.open(Rebuilds.reopened(disks), unfit, ADDING));
        }
        assertEquals(before, trace.length());
    }

    @Test
    void aCrashWhileItIsAddedLeavesAnArrayWithOrWithout() throws IOException {
        VolumeModel model = modelOf(trace, PLAIN);
        CrashTrace adding = CrashTrace.recording();
        List<CrashDisk> disks = CrashDisk.onTrace(filled(model), adding);
        CrashDisk blank = new CrashDisk("journal", 4 << 20, adding);
        ArrayShape.open(disks, blank, ADDING).close();
        int answered = trace.length();
        int[] journaled = {0, 0};
        long states = new CrashStates(adding, 4, 2, 5).forEach(state -> {
            List<CrashDisk> left = state.disks(CrashTrace.notRecording());
            boolean known = isKnown(Rebuilds.reopened(left).getLast());
            RaidArray array = open(known ? left : left.subList(0, 3), PLAINLY);
            journaled["none".equals(array.attributes().get("journal_mode")) ? 0 : 1]++;
            model.check(array, answered);
            array.close();
        });
        assertTrue(states > 50 && journaled[0] > 5 && journaled[1] > 5, states + " states");
    }

    private static boolean isKnown(CrashDisk disk) {
        try {
            return io.mdfuse.raid.superblock.SuperblockLocator.find(disk).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void withoutItsJournalAnArrayIsReadOnlyUnlessForced() throws Exception {
        VolumeModel model = modelOf(trace, JOURNALED);
        List<CrashDisk> members = crashed(model).subList(0, 3);
        assertEquals(Reason.MISSING, refusal(Rebuilds.reopened(members), PLAINLY));
        assertEquals(Reason.MISSING, refusal(Rebuilds.reopened(members), PLAINLY.withDropJournal(true)));
        assertEquals(
                Reason.UNSAFE,
                refusal(
                        Rebuilds.reopened(members.subList(0, 2)),
                        PLAINLY.withRun(true).withReadOnly(true)));
        RaidArray looked = open(Rebuilds.reopened(members), PLAINLY.withReadOnly(true));
        assertTrue(looked.readOnly());
        looked.close();
        for (boolean drop : new boolean[] {false, true}) {
            List<CrashDisk> devices = Rebuilds.reopened(members);
            RaidArray array = open(devices, PLAINLY.withForce(true).withDropJournal(drop));
            VolumeModel later = modelOf(trace, JOURNALED);
            fill(later, array, JOURNALED);
            array.close();
            assertEquals(-1, JOURNALED.wrongParity(devices));
            if (!drop) {
                assertEquals(Reason.MISSING, refusal(Rebuilds.reopened(devices), PLAINLY));
            }
            RaidArray again = open(Rebuilds.reopened(devices), PLAINLY.withForce(!drop));
            later.checkAnswered(again);
            again.close();
        }
    }

    /**
     * If the array was used without its journal and the old journal is given again, it must not be replayed over newer
     * data.
     */
    @Test
    void aJournalThatWasLeftOutIsNeverReplayedLater() throws IOException {
        VolumeModel model = modelOf(trace, JOURNALED);
        List<CrashDisk> all = crashed(model);
        RaidArray array = open(all.subList(0, 3), PLAINLY.withForce(true));
        VolumeModel later = modelOf(trace, JOURNALED);
        fill(later, array, JOURNALED);
        array.close();
        assertEquals(Reason.MISSING, refusal(Rebuilds.reopened(all), PLAINLY));
        RaidArray again = open(Rebuilds.reopened(all), PLAINLY.withForce(true).withDropJournal(true));
        later.checkAnswered(again);
        again.close();
    }

    /** md starts no array with both (Linux raid5_run); an mdadm --create that failed for that reason leaves one. */
    @Test
    void aJournalBesideABitmapIsRefusedUnlessItIsDropped() throws IOException {
        PolicyShape shape =
                new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 2, Features.BITMAP, Superblock.IN_SYNC);
        List<CrashDisk> disks = shape.create(trace);
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, editor -> editor.featureMap(Features.JOURNAL | Features.BITMAP));
        }
        for (AssembleOptions options : List.of(PLAINLY, PLAINLY.withForce(true))) {
            assertEquals(Reason.UNSUPPORTED, refusal(Rebuilds.reopened(disks), options));
        }
        RaidArray seen = open(Rebuilds.reopened(disks), PLAINLY.withReadOnly(true));
        assertEquals("journal", seen.attributes().get("consistency_policy"));
        seen.close();
        RaidArray without = open(disks, PLAINLY.withDropJournal(true).withForce(true));
        assertEquals("bitmap", without.attributes().get("consistency_policy"));
        without.close();
    }
}
