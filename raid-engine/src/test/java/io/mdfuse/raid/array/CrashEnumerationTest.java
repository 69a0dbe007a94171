package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails at every event of a small workload. Of the writes that were not flushed, every subset up to a bound
 * reaches the media. Each state is recovered; the recovery is interrupted at some event, and recovered again. No
 * durable write may be lost, no block torn, and parity must match.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashEnumerationTest {
    private static final int ALL_SUBSETS_UP_TO = 3;
    private static final int RANDOM_FATES = 1;

    static Stream<ArrayShape> shapes() {
        return Stream.concat(shapesWithOneParity(), shapesWithTwo());
    }

    /** Each layout with one or two of six shapes. From seven members on, a write of one block is read-modify-write. */
    private static Stream<ArrayShape> shapesWithTwo() {
        List<ParityLayout> layouts = ParityLayout.forLevel(6);
        return IntStream.range(0, layouts.size() * 3 / 2).mapToObj(i -> {
            ParityLayout layout = layouts.get(i % layouts.size());
            return switch ((i + i / layouts.size()) % 6) {
                case 0 -> new ArrayShape(layout, 4, 16, 4, 0, Superblock.IN_SYNC, false);
                case 1 -> new ArrayShape(layout, 7, 8, 5, 32, Superblock.IN_SYNC, false);
                case 2 -> new ArrayShape(layout, 4, 16, 4, 48, Superblock.IN_SYNC, true);
                case 3 -> new ArrayShape(layout, 6, 8, 5, 32, 0, false);
                case 4 -> new ArrayShape(layout, 5, 8, 5, 0, 0, false);
                default -> new ArrayShape(layout, 6, 8, 5, 64, Superblock.IN_SYNC, true);
            };
        });
    }

    /**
     * Each of seven layouts with three of seven shapes, so that each shape meets three layouts and each two shapes have
     * one layout in common: 0, 1 and 3 are a difference set modulo 7.
     */
    private static Stream<ArrayShape> shapesWithOneParity() {
        List<ParityLayout> layouts = Stream.of(4, 5)
                .flatMap(level -> ParityLayout.forLevel(level).stream())
                .toList();
        return IntStream.range(0, layouts.size()).boxed().flatMap(i -> {
            List<ArrayShape> all = shapesOf(layouts.get(i));
            return Thinning.takesAll() ? all.stream() : Stream.of(0, 1, 3).map(j -> all.get((i + j) % all.size()));
        });
    }

    private static List<ArrayShape> shapesOf(ParityLayout layout) {
        return List.of(
                new ArrayShape(layout, 3, 16, 4, 20, Superblock.IN_SYNC, false),
                new ArrayShape(layout, 4, 8, 5, 24, Superblock.IN_SYNC, false),
                new ArrayShape(layout, 4, 8, 5, 40, Superblock.IN_SYNC, true),
                new ArrayShape(layout, 3, 16, 4, 64, Superblock.IN_SYNC, true),
                new ArrayShape(layout, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(layout, 4, 16, 4, 24, 0, false),
                new ArrayShape(layout, 3, 16, 4, 0, 0, false));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashIsRecovered(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        trace.restart();
        boolean journaled = shape.journalBlocks() > 0;
        VolumeModel model = new VolumeModel(
                trace, shape.geometry().arrayBytes(), journaled ? 4096 : 512, journaled && !shape.writeBack(), 42);
        RaidArray array = shape.open(disks);
        runWorkload(shape, array, model);
        array.close();
        CrashStates states = new CrashStates(trace, ALL_SUBSETS_UP_TO, RANDOM_FATES, 17);
        long count = states.forEach(
                new Thinning(5),
                state -> RecoveredTwice.check(
                        state, (found, crashedAt) -> checkRecovered(shape, model, found, crashedAt)));
        assertTrue(count > 60, "only " + count + " states");
    }

    /**
     * Every kind of write plan, a switch of the journal's mode and back, requests that begin and end inside a block,
     * rewrites, trims, and flushes between.
     */
    static void runWorkload(ArrayShape shape, RaidArray array, VolumeModel model) throws IOException {
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        int chunkBytes = shape.geometry().chunkBytes();
        model.write(array, 0, rowBytes);
        model.write(array, rowBytes, 4096);
        model.flush(array);
        model.write(array, 100, 700);
        model.write(array, rowBytes + chunkBytes - 1000, 3000);
        model.write(array, rowBytes, 4096);
        model.flush(array);
        model.write(array, 2L * rowBytes - 4096, 8192);
        model.zero(array, 4096, 2 * rowBytes);
        model.write(array, rowBytes + 512, 512);
        model.flush(array);
        if (shape.writeBack()) {
            model.write(array, rowBytes + chunkBytes, 4096);
            array.setAttribute("journal_mode", "write-through");
            model.write(array, rowBytes + chunkBytes, 8192);
            array.setAttribute("journal_mode", "write-back");
        }
        model.write(array, 3L * rowBytes, rowBytes);
        model.write(array, 3L * rowBytes + 4096, 4096);
    }

    private static boolean checkRecovered(ArrayShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        RaidArray array = shape.open(disks);
        model.check(array, crashedAt);
        array.close();
        assertEquals(-1, shape.wrongParity(disks), "member sector with wrong parity");
        return true;
    }
}
