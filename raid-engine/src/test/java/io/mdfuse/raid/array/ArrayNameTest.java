package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The name of an array: as the name of its file, and in the line of a search that finds it. */
final class ArrayNameTest {
    private static final ArrayShape SHAPE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 10, 0, Superblock.IN_SYNC, false);

    private static RaidArray named(String name) throws IOException {
        List<CrashDisk> disks = SHAPE.create(CrashTrace.notRecording());
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, editor -> editor.setName(name));
        }
        return ArrayShape.open(
                Rebuilds.reopened(disks), null, AssembleOptions.defaults().withReadOnly(true));
    }

    @ParameterizedTest
    @CsvSource({"host:tank, tank", "tank, tank", "a b, a b"})
    void aNameThatAFileCanHaveIsTheNameOfTheFile(String name, String file) throws IOException {
        RaidArray array = named(name);
        assertEquals(file, array.name());
        assertEquals(Optional.empty(), array.nameNote());
        array.close();
    }

    @ParameterizedTest
    @CsvSource({"host:a/b, a/b", "'', no name", "host:, no name", ".., ..", "host:.x, .x"})
    void anotherNameIsReported(String name, String told) throws IOException {
        RaidArray array = named(name);
        assertEquals("volume", array.name());
        String note = array.nameNote().orElseThrow();
        assertTrue(note.contains(told) && note.endsWith("its file is called volume"), note);
        array.close();
    }

    /** Levels that are only read are listed too; the size of a RAID-0 is that of all its members, which differ. */
    @Test
    void theSizeInAListIsThatOfTheArray() throws IOException {
        Superblock superblock = MemberLocator.require(
                        SHAPE.create(CrashTrace.notRecording()).getFirst())
                .superblock();
        long sectors = 1 << 11;
        int[][] cases = {{1, 0, 2, 1}, {1, 0, 3, 1}, {10, 0x102, 4, 2}, {10, 0x201, 4, 2}, {5, 2, 4, 3}};
        for (int[] each : cases) {
            FoundArray found = new FoundArray();
            found.add(
                    DeviceSpec.of(Path.of("disk")),
                    superblock.edit(editor -> editor.level(each[0])
                            .layout(each[1])
                            .raidDisks(each[2])
                            .usedSectors(sectors)));
            String line = found.describe();
            assertTrue(line.contains("RAID-" + each[0] + " of " + each[2] + ", " + each[3] + ".0 MiB, "), line);
        }
        FoundArray striped = new FoundArray();
        striped.add(
                DeviceSpec.of(Path.of("disk")),
                superblock.edit(editor -> editor.level(0).layout(0).raidDisks(4)));
        String line = striped.describe();
        assertTrue(line.contains("RAID-0 of 4, of unknown size as devices are missing, "), line);
    }
}
