package io.mdfuse.raid.writepath;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.stripe.LeaseProof;
import io.mdfuse.raid.stripe.LeasedArray;
import io.mdfuse.raid.stripe.RunCommit;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every method of the write paths that works on stripes refuses a lease that does not cover them. */
class WritePathLeaseTest {
    private static final RunCommit.ParityWork PARITY = run -> run.setParity(LeasedArray.blocks(2), null);

    private static DirtyMarker dirtyMarker(LeasedArray array) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(0);
        timer.shutdown();
        return new DirtyMarker(
                array.members(),
                _ -> {},
                array.parts().syncPosition(),
                false,
                InstantSource.system(),
                new TaskThreads(timer, Runnable::run));
    }

    private static JournalParts journalParts(LeasedArray array, Journal journal) {
        MemberWriter memberWriter = new MemberWriter(array.geometry(), array.members());
        Reclaimer reclaimer = new Reclaimer(journal, array.members(), Runnable::run);
        JournalSpace space = new JournalSpace(array.members(), memberWriter, journal, reclaimer);
        CacheAdmission admission = new CacheAdmission(
                new LogNeeds(array.geometry()), space, array.parts().cache(), 17);
        return new JournalParts(array.parts(), journal, dirtyMarker(array), memberWriter, reclaimer, space, admission);
    }

    private static Map<String, LeaseProof.Call> calls(LeasedArray array, Journal journal) {
        BitSet slots = new BitSet();
        slots.set(array.geometry().parityP(0));
        Map<String, LeaseProof.Call> calls = new TreeMap<>();
        MemberWriter memberWriter = new MemberWriter(array.geometry(), array.members());
        calls.put("MemberWriter.reserve", lease -> memberWriter.reserve(lease, runs(array)));
        calls.put("MemberWriter.write", lease -> memberWriter.write(lease, runs(array)));
        calls.put("MemberWriter.write of slots", lease -> memberWriter.write(lease, array.run(), slots));
        LostParity lostParity = new LostParity(array.geometry(), array.members());
        calls.put("LostParity.makeOrMarkLost", lease -> lostParity.makeOrMarkLost(lease, array.run(), PARITY));
        calls.put("LostParity.list", lease -> {
            try {
                lostParity.list(lease, runs(array));
            } catch (IOException e) {
                // These members have no list of bad blocks.
                return;
            }
        });
        Unjournaled unjournaled =
                new Unjournaled(array.geometry(), array.members(), dirtyMarker(array), WriteIntent.NONE);
        addWritePath(calls, array, unjournaled, slots);
        JournalParts parts = journalParts(array, journal);
        WriteThrough writeThrough = new WriteThrough(parts);
        WriteOut writeOut = new WriteOut(parts);
        calls.put("JournalSpace.reserve", lease -> parts.space().reserve(lease, runs(array), 8));
        calls.put("WriteThrough.commit", lease -> writeThrough.commit(lease, runs(array), PARITY));
        calls.put("WriteThrough.repair", lease -> writeThrough.repair(lease, array.run(), slots));
        calls.put("WriteOut.writeOutLeased", lease -> writeOut.writeOutLeased(lease, LeaseProof.STRIPES));
        LogBypass logBypass = new LogBypass(parts, writeThrough, writeOut);
        calls.put("LogBypass.commit", lease -> logBypass.commit(lease, runs(array), PARITY));
        return calls;
    }

    private static void addWritePath(
            Map<String, LeaseProof.Call> calls, LeasedArray array, WritePath path, BitSet slots) {
        String name = path.getClass().getSimpleName();
        calls.put(name + ".commit", lease -> path.commit(lease, runs(array), PARITY));
        calls.put(name + ".repair", lease -> path.repair(lease, array.run(), slots));
    }

    private static List<RunWrite> runs(LeasedArray array) {
        return List.of(array.run());
    }

    @TestFactory
    Stream<DynamicTest> aLeaseOnTheStripesIsNeeded() throws IOException {
        LeasedArray array = new LeasedArray();
        return calls(array, Reclaimers.journal()).entrySet().stream()
                .map(call -> DynamicTest.dynamicTest(call.getKey(), () -> LeaseProof.assertNeeded(call.getValue())))
                .onClose(array::close);
    }

    /** In both journal modes. */
    @TestFactory
    Stream<DynamicTest> aJournaledArrayNeedsALeaseToo() throws IOException {
        LeasedArray array = new LeasedArray();
        Map<String, LeaseProof.Call> calls = new TreeMap<>();
        BitSet slots = new BitSet();
        slots.set(array.geometry().parityP(0));
        for (JournalMode mode : JournalMode.values()) {
            Journaled journaled =
                    new Journaled(array.parts(), Reclaimers.journal(), 17, dirtyMarker(array), () -> {}, Runnable::run);
            journaled.setMode(mode);
            calls.put(mode + " commit", lease -> journaled.commit(lease, List.of(array.run()), PARITY));
            calls.put(mode + " repair", lease -> journaled.repair(lease, array.run(), slots));
        }
        return calls.entrySet().stream()
                .map(call -> DynamicTest.dynamicTest(call.getKey(), () -> LeaseProof.assertNeeded(call.getValue())))
                .onClose(array::close);
    }

    @Test
    void partialParityIsLoggedUnderALease() throws IOException {
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 128);
        editor.level(5).layout(2).usedSectors(128).chunkSectors(64).raidDisks(3);
        editor.data(2048, 4096).superOffsetSectors(8).ppl(8, 1024);
        FoundDevice device = new FoundDevice(new CrashDisk("disk0", 8192 * 512L), Superblock.of(editor));
        PplArea area = PplArea.of(device);
        area.format();
        try (LeasedArray array = new LeasedArray();
                PartialParityLog log = new PartialParityLog(
                        array.geometry(), array.members(), array.parts().syncPosition(), Map.of(0, area))) {
            LeaseProof.assertNeeded(lease -> {
                log.begin(lease, runs(array));
                log.end(runs(array), true);
            });
        }
    }
}
