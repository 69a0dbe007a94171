package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Arrays without parity that md makes here, unlike those of the fixtures: an export has the content that md reads,
 * complete and, if a level keeps copies, without one of its members.
 */
@Tag("oracle")
class CopyLevelsOracleTest {
    private static final long MEBIBYTE = 1 << 20;

    /** A member is larger than the one before by this much, if the members differ in size: no multiple of a chunk. */
    private static final long LARGER_BYTES = MEBIBYTE / 2 + 12288;

    /**
     * An array.
     *
     * @param options mdadm's, for level, layout and chunk
     * @param missing a member that the second export has not; -1: there is no second export
     */
    private record Shape(String options, int disks, boolean unequal, int missing) {
        Images blank(Path directory) throws IOException {
            Images images = Images.blank(directory, disks, 2 * MEBIBYTE, 0);
            for (int number = 0; unequal && number < disks; number++) {
                try (RandomAccessFile file =
                        new RandomAccessFile(images.members().get(number).toFile(), "rw")) {
                    file.setLength(2 * MEBIBYTE + number * LARGER_BYTES);
                }
            }
            return images;
        }

        /** Makes the array, fills all of it, and prints the sha256 of its content. */
        String job() {
            return """
                    mdadm --create /dev/md0 --run --assume-clean OPTIONS -n DISKS --data-offset=1M NODES >&2
                    seq 100000000 | head -c $(blockdev --getsize64 /dev/md0) | dd of=/dev/md0 bs=1M oflag=direct \\
                      iflag=fullblock 2>/dev/null
                    sha256sum </dev/md0 | cut -d' ' -f1
                    mdadm --stop /dev/md0 >&2
                    """.replace("OPTIONS", options).replace("DISKS", Integer.toString(disks));
        }
    }

    private static final List<Shape> SHAPES = List.of(
            new Shape("-l raid0 -c 12", 2, false, -1),
            new Shape("-l raid0 -c 20", 3, true, -1),
            new Shape("-l linear", 3, true, -1),
            new Shape("-l 1 --bitmap=none", 2, false, 0),
            new Shape("-l 10 -p n2 -c 8 --bitmap=none", 3, false, 2),
            new Shape("-l 10 -p n3 -c 64 --bitmap=none", 4, false, 1),
            new Shape("-l 10 -p f2 -c 4 --bitmap=none", 5, false, 4),
            new Shape("-l 10 -p f3 -c 16 --bitmap=none", 4, false, 0),
            new Shape("-l 10 -p o2 -c 4 --bitmap=none", 3, false, 1));

    @BeforeEach
    void needs() {
        Needs.oracle();
    }

    @Test
    void anExportHasWhatMdReads() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Images> arrays = new ArrayList<>();
            for (Shape shape : SHAPES) {
                arrays.add(shape.blank(scratch.path("array" + arrays.size())));
            }
            List<String> sums = Oracle.runEach(SHAPES.stream().map(Shape::job).toList(), arrays);
            for (int number = 0; number < SHAPES.size(); number++) {
                Shape shape = SHAPES.get(number);
                List<Path> members = new ArrayList<>(arrays.get(number).members());
                assertExport(shape, members, sums.get(number), scratch.path("copy" + number));
                if (shape.missing() >= 0) {
                    members.remove(shape.missing());
                    assertExport(shape, members, sums.get(number), scratch.path("degraded" + number));
                }
            }
        }
    }

    private static void assertExport(Shape shape, List<Path> members, String sha256, Path copy) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Project.mdfuse().toString(), "export", "--run", "--output", copy.toString()));
        members.forEach(member -> command.add(member.toString()));
        Command.Result export = Command.run(command).orFail();
        assertTrue(export.output().contains(sha256), () -> shape + " of " + members + ": " + export);
        Files.delete(copy);
    }
}
