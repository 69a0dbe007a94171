package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.ByteRanges.Range;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.HealingDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.CertainSolver.Outcome;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Images with holes of whole sectors, full of junk: each sector that the others determine is healed with its old bytes,
 * every other one stays a hole, and no other byte of any device changes.
 */
class HoleHealerTest {
    private static final int MEMBER_SECTORS = 64;
    private static final long DATA = Sectors.toBytes(ArrayShape.DATA_OFFSET_SECTORS);

    private final Random random = new Random(12);
    private ArrayShape shape = shape(ParityLayout.LEFT_SYMMETRIC_5, 4);
    private final List<byte[]> sound = new ArrayList<>();
    private final List<CrashDisk> disks = new ArrayList<>();
    private final List<ByteRanges> holes = new ArrayList<>();
    private final List<ByteRanges> records = new ArrayList<>();

    private static ArrayShape shape(ParityLayout layout, int members) {
        return new ArrayShape(layout, members, 16, 4, 0, Superblock.IN_SYNC, false);
    }

    private static byte[] bytes(BlockDevice disk) throws IOException {
        MemorySegment all = MemorySegment.ofArray(new byte[(int) disk.sizeBytes()]);
        disk.read(0, all);
        return all.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Makes an array with content, and then holes with junk in a share of its sectors. */
    private void rescue(ArrayShape wanted, double share, CrashTrace trace) throws IOException {
        shape = wanted;
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        RaidArray array = shape.open(made);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        Rebuilds.write(array, content, 0, content.length, new Random(41));
        array.close();
        for (CrashDisk disk : Rebuilds.reopened(made)) {
            sound.add(bytes(disk));
            List<Range> ranges = new ArrayList<>();
            for (int sector = 0; sector < MEMBER_SECTORS && disks.size() < shape.disks(); sector++) {
                if (random.nextDouble() < share) {
                    long at = DATA + Sectors.toBytes(sector);
                    ranges.add(new Range(at, at + Sectors.BYTES));
                }
            }
            addDisk(disk, ByteRanges.of(ranges), trace);
        }
    }

    private void addDisk(CrashDisk disk, ByteRanges ranges, CrashTrace trace) throws IOException {
        for (Range range : ranges.list()) {
            byte[] junk = new byte[(int) range.lengthBytes()];
            random.nextBytes(junk);
            disk.write(range.startBytes(), MemorySegment.ofArray(junk));
        }
        disks.add(disk.onTrace(trace));
        holes.add(ranges);
        records.add(ranges);
    }

    /** The images, with the holes that are on record. */
    private List<BlockDevice> healing() {
        List<BlockDevice> devices = new ArrayList<>();
        for (int number = 0; number < disks.size(); number++) {
            int mine = number;
            devices.add(new HealingDevice(disks.get(number), records.get(number), left -> records.set(mine, left)));
        }
        return devices;
    }

    private static long healAll(List<BlockDevice> devices, Outcome counted) throws IOException {
        HealableArray array = HealableArray.of(devices, AssembleOptions.defaults());
        HoleHealer healer = new HoleHealer(array, (done, lost) -> {});
        long bytes = 0;
        for (int number = 0; number < devices.size(); number++) {
            FoundDevice member = array.devices().get(number);
            if (array.slot(member) >= 0) {
                bytes += healer.fill(array.slot(member), devices.get(number), DATA, array.holes(member))
                        .of(counted);
            }
        }
        return bytes;
    }

    /** How many members lack the sector. */
    private int lacking(long sector) {
        return (int) holes.stream()
                .filter(ranges -> ranges.overlaps(DATA + Sectors.toBytes(sector), 1))
                .count();
    }

    private void checkAll(int parities) throws IOException {
        for (int number = 0; number < shape.disks(); number++) {
            byte[] now = bytes(disks.get(number));
            for (int sector = 0; sector < MEMBER_SECTORS; sector++) {
                int at = (int) DATA + sector * Sectors.BYTES;
                boolean lost = holes.get(number).overlaps(at, 1) && lacking(sector) > parities;
                assertEquals(lost, records.get(number).overlaps(at, 1), "disk " + number + " sector " + sector);
                for (int index = at; !lost && index < at + Sectors.BYTES; index++) {
                    assertEquals(sound.get(number)[index], now[index], "disk " + number + " byte " + index);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void exactlyWhatTheOthersDetermineIsHealed(ParityLayout layout) throws IOException {
        int parities = layout.level() == 6 ? 2 : 1;
        rescue(shape(layout, layout.level() == 6 ? 6 : 4), 0.2, CrashTrace.notRecording());
        assertTrue(healAll(healing(), Outcome.SOLVED) > 0);
        assertTrue(records.stream().anyMatch(left -> !left.isEmpty()), "nothing is beyond redundancy");
        checkAll(parities);
    }

    @Test
    void aSecondHealingFindsNothingMore() throws IOException {
        rescue(shape(ParityLayout.LEFT_SYMMETRIC_5, 4), 0.1, CrashTrace.notRecording());
        healAll(healing(), Outcome.SOLVED);
        List<ByteRanges> first = List.copyOf(records);
        assertEquals(0, healAll(healing(), Outcome.SOLVED));
        assertEquals(first, records);
    }

    /** Records are disks on the same trace; each crash leaves an array whose readable bytes are all right. */
    @Test
    void everyCrashLeavesAHoleOrTheRightBytes() throws IOException {
        CrashTrace trace = CrashTrace.recording();
        rescue(shape(ParityLayout.LEFT_SYMMETRIC_6, 5), 0.08, trace);
        List<List<ByteRanges>> versions = new ArrayList<>();
        List<BlockDevice> devices = new ArrayList<>();
        for (int number = 0; number < disks.size(); number++) {
            CrashDisk map = new CrashDisk("map" + number, 4096, trace);
            List<ByteRanges> mine = new ArrayList<>(List.of(holes.get(number)));
            versions.add(mine);
            devices.add(new HealingDevice(disks.get(number), holes.get(number), left -> {
                mine.add(left);
                map.write(0, MemorySegment.ofArray(new byte[] {(byte) (mine.size() - 1)}));
                map.flush();
            }));
        }
        healAll(devices, Outcome.SOLVED);
        long[] readable = new long[1];
        long states = new CrashStates(trace, 5, 1, 3).forEach(state -> {
            List<CrashDisk> after = state.disks(CrashTrace.notRecording());
            for (int number = 0; number < disks.size(); number++) {
                byte[] content = bytes(after.get(number));
                int version = bytes(after.get(disks.size() + number))[0];
                ByteRanges left = versions.get(number).get(version);
                ByteRanges healed = holes.get(number).without(left);
                readable[0] = Math.max(readable[0], healed.totalBytes());
                for (Range range : healed.list()) {
                    for (long at = range.startBytes(); at < range.endBytes(); at++) {
                        assertEquals(sound.get(number)[(int) at], content[(int) at], "disk " + number + " byte " + at);
                    }
                }
            }
        });
        assertTrue(states > 100 && readable[0] > 0, states + " states, " + readable[0] + " bytes");
    }

    /** Without the check of Q, a silent error elsewhere in the stripe would be made into a wrong block here. */
    @Test
    void whatPAndQDisagreeAboutStaysAHole() throws IOException {
        rescue(shape(ParityLayout.LEFT_SYMMETRIC_6, 5), 0, CrashTrace.notRecording());
        records.set(1, ByteRanges.of(DATA, DATA + 4096));
        byte[] wrong = {(byte) (sound.get(3)[(int) DATA + 1000] + 1)};
        disks.get(3).write(DATA + 1000, MemorySegment.ofArray(wrong));
        assertEquals(Sectors.BYTES, healAll(healing(), Outcome.CONTRADICTORY));
        assertEquals(ByteRanges.of(DATA + 512, DATA + 1024), records.get(1));
    }

    private String refusal() {
        return String.valueOf(assertThrows(ArrayRefusedException.class, () -> healAll(healing(), Outcome.SOLVED))
                .getMessage());
    }

    @Test
    void anArrayThatWasNotStoppedIsRefused() throws IOException {
        rescue(shape(ParityLayout.LEFT_SYMMETRIC_5, 4), 0.1, CrashTrace.notRecording());
        for (CrashDisk disk : disks) {
            shape.rewriteAsDirty(disk);
        }
        List<byte[]> before = new ArrayList<>();
        for (CrashDisk disk : disks) {
            before.add(bytes(disk));
        }
        assertTrue(refusal().contains("not stopped cleanly"), refusal());
        for (int number = 0; number < disks.size(); number++) {
            assertArrayEquals(before.get(number), bytes(disks.get(number)));
        }
    }

    @Test
    void writesInTheJournalAreARefusal() throws IOException {
        shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 64, Superblock.IN_SYNC, false);
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> made = shape.create(trace);
        RaidArray array = shape.open(made);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        Rebuilds.write(array, content, 0, 65536, new Random(2));
        array.flush();
        trace.cutPower();
        List<CrashDisk> after = trace.crashNow(new Survival.All(), CrashTrace.notRecording());
        for (int number = 0; number < after.size(); number++) {
            ByteRanges ranges = number == 1 ? ByteRanges.of(DATA, DATA + 512) : ByteRanges.NONE;
            addDisk(after.get(number), ranges, CrashTrace.notRecording());
        }
        assertTrue(refusal().contains("its journal holds writes"), refusal());
        assertThrows(IOException.class, array::close);
    }

    /** What the hole had may be newer than everything else; nothing can replace it. */
    @Test
    void aHoleInTheJournalIsARefusal() throws IOException {
        shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 4, 64, Superblock.IN_SYNC, false);
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        shape.open(made).close();
        for (CrashDisk disk : Rebuilds.reopened(made)) {
            addDisk(disk, ByteRanges.NONE, CrashTrace.notRecording());
        }
        records.set(1, ByteRanges.of(DATA, DATA + 512));
        int journal = disks.size() - 1;
        records.set(journal, ByteRanges.of(DATA, disks.get(journal).sizeBytes()));
        assertTrue(refusal().contains("it is the journal: leave it out and mount with --read-only"), refusal());
    }

    @Test
    void aMissingMemberCountsAsOneMoreHole() throws IOException {
        rescue(shape(ParityLayout.LEFT_SYMMETRIC_6, 6), 0.1, CrashTrace.notRecording());
        List<BlockDevice> without = new ArrayList<>(healing());
        without.remove(2);
        HealableArray array =
                HealableArray.of(without, AssembleOptions.defaults().withRun(true));
        HoleHealer healer = new HoleHealer(array, (done, lost) -> {});
        FoundDevice first = array.devices().getFirst();
        healer.fill(0, without.getFirst(), DATA, array.holes(first));
        byte[] now = bytes(disks.getFirst());
        for (int sector = 0; sector < MEMBER_SECTORS; sector++) {
            int at = (int) DATA + sector * Sectors.BYTES;
            int others = lacking(sector) - (holes.get(2).overlaps(at, 1) ? 1 : 0);
            boolean lost = holes.getFirst().overlaps(at, 1) && others > 1;
            assertEquals(lost, records.getFirst().overlaps(at, 1), "sector " + sector);
            assertTrue(lost || now[at] == sound.getFirst()[at], "sector " + sector);
        }
    }
}
