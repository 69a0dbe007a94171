package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs that skip zeros, because they truncated the file or found it truncated: their copy onto a volume full of old
 * bytes is correct, and the volume behind the copy is not changed.
 */
class SparseCopyTest {
    private static final int MIB = 1 << 20;

    /** An odd size on purpose, shorter than the volume. The image begins with data and ends with a hole. */
    private static final int IMAGE_BYTES = 20 * MIB + 8192;

    /**
     * A way to copy {@code source} onto the volume.
     *
     * @param debianPackage the package that contains the program
     */
    private record Copier(String program, String debianPackage, List<String> command) {
        /**
         * The command line, run by a shell with the source as $1, the volume as $2, and a temporary directory as $3.
         */
        static Copier of(String program, String debianPackage, String line) {
            return new Copier(program, debianPackage, List.of("bash", "-euc", line, "copy"));
        }

        void run(Path source, Path volume, Path scratch) throws IOException {
            Command.run(Stream.concat(
                                    command.stream(),
                                    Stream.of(source, volume, scratch).map(Path::toString))
                            .toList())
                    .orFail();
        }

        @Override
        public String toString() {
            return command.get(2);
        }
    }

    static Stream<Copier> copiers() {
        return Stream.of(
                Copier.of("cp", "coreutils", "cp \"$1\" \"$2\""),
                Copier.of("cp", "coreutils", "cp --sparse=always \"$1\" \"$2\""),
                Copier.of("cp", "coreutils", "cp --sparse=never \"$1\" \"$2\""),
                Copier.of("qemu-img", "qemu-utils", "qemu-img convert -f raw -O raw \"$1\" \"$2\""),
                Copier.of("qemu-img", "qemu-utils", "qemu-img convert -n -f raw -O raw \"$1\" \"$2\""),
                Copier.of(
                        "qemu-img",
                        "qemu-utils",
                        "qemu-img convert -f raw -O qcow2 \"$1\" \"$3/q\"; qemu-img convert -W -O raw \"$3/q\" \"$2\""),
                Copier.of("nbdcopy", "libnbd-bin", "nbdcopy \"$1\" \"$2\""),
                Copier.of("rsync", "rsync", "rsync -S --inplace \"$1\" \"$2\""),
                Copier.of("tar", "tar", "tar -C \"${1%/*}\" -cSf \"$3/t\" \"${1##*/}\"; tar -xOf \"$3/t\" >\"$2\""));
    }

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @ParameterizedTest
    @MethodSource("copiers")
    void isCorrectAndKeepsWhatIsBehind(Copier copier) throws IOException {
        Needs.program(copier.program(), copier.debianPackage());
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            byte[] image = sparseImage(scratch.path("source"), true);
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                byte[] expected = fillWithOldBytes(scratch, array.volume());
                System.arraycopy(image, 0, expected, 0, image.length);

                copier.run(scratch.path("source"), array.volume(), scratch.directory());

                assertArrayEquals(expected, Files.readAllBytes(array.volume()));
                assertEquals(expected.length, Files.size(array.volume()));
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"), "--read-only")) {
                assertArrayEquals(image, Arrays.copyOf(Files.readAllBytes(array.volume()), image.length));
                array.unmount();
            }
        }
    }

    /**
     * Two programs that read the file's size at the end, which is always the volume's: the copy is correct if the image
     * ends with data.
     */
    @ParameterizedTest
    @MethodSource("copiersThatAskForTheSize")
    void anImageThatEndsWithDataComesOutRight(Copier copier) throws IOException {
        Needs.program(copier.program(), copier.debianPackage());
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array = MountedArray.mount(
                        TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            byte[] image = sparseImage(scratch.path("source"), false);
            byte[] expected = fillWithOldBytes(scratch, array.volume());
            System.arraycopy(image, 0, expected, 0, image.length);

            copier.run(scratch.path("source"), array.volume(), scratch.directory());

            assertArrayEquals(expected, Files.readAllBytes(array.volume()));
            array.unmount();
        }
    }

    static Stream<Copier> copiersThatAskForTheSize() {
        return Stream.of(
                Copier.of("dd", "coreutils", "dd if=\"$1\" of=\"$2\" bs=64K conv=sparse status=none"),
                Copier.of("ddrescue", "gddrescue", "ddrescue -q -t -S --force \"$1\" \"$2\""));
    }

    /** A guarantee of block devices, on which boot loader installers and scripts rely. */
    @Test
    void ddOfABootSectorWithoutNotruncCostsNothingBehind() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array = MountedArray.mount(
                        TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            byte[] expected = fillWithOldBytes(scratch, array.volume());
            Files.write(scratch.path("boot"), new byte[440]);
            for (String seek : List.of("0", "1000", "3")) {
                Command.run("dd", "if=" + scratch.path("boot"), "of=" + array.volume(), "bs=440", "seek=" + seek)
                        .orFail();
                Arrays.fill(expected, Integer.parseInt(seek) * 440, Integer.parseInt(seek) * 440 + 440, (byte) 0);
            }
            Command.run("truncate", "-s", "5000", array.volume().toString()).orFail();
            Command.run("sh", "-c", ": > " + array.volume()).orFail();
            assertArrayEquals(expected, Files.readAllBytes(array.volume()));
            array.unmount();
        }
    }

    private static byte[] fillWithOldBytes(ScratchDirectory scratch, Path volume) throws IOException {
        byte[] old = new byte[(int) Files.size(volume)];
        Arrays.fill(old, (byte) 0xff);
        Path source = Files.write(scratch.path("old-bytes"), old);
        Command.run("dd", "if=" + source, "of=" + volume, "bs=1M", "conv=notrunc,fsync")
                .orFail();
        return old;
    }

    /** Data of several lengths between holes of several lengths; they are real holes, so that SEEK_DATA skips them. */
    private static byte[] sparseImage(Path file, boolean hollowEnd) throws IOException {
        byte[] image = new byte[IMAGE_BYTES];
        Random random = new Random(5);
        try (RandomAccessFile source = new RandomAccessFile(file.toFile(), "rw")) {
            source.setLength(IMAGE_BYTES);
            int[][] pieces = {{0, 5}, {40_960, 100_000}, {MIB, MIB}, {8 * MIB, 4096}, {12 * MIB + 4096, 3 * MIB}};
            for (int[] piece : pieces) {
                put(source, image, random, piece[0], piece[1]);
            }
            if (!hollowEnd) {
                put(source, image, random, IMAGE_BYTES - 100, 100);
            }
        }
        return image;
    }

    private static void put(RandomAccessFile source, byte[] image, Random random, int offset, int lengthBytes)
            throws IOException {
        byte[] data = new byte[lengthBytes];
        random.nextBytes(data);
        System.arraycopy(data, 0, image, offset, lengthBytes);
        source.seek(offset);
        source.write(data);
    }
}
