package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arrays with an ext4 whose superblocks are gone, or were made again in a wrong order. */
class LostSuperblocksTest {
    private static final String[] SHAPE = {"--level", "5", "--raid-devices", "4", "--chunk", "64K"};

    private Path directory = Path.of("");

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("mkfs.ext4", "e2fsprogs");
    }

    /** Four new images of an array, in {@link #directory}. */
    private List<Path> created(ScratchDirectory scratch, String size, String... shape) throws IOException {
        directory = scratch.path("images");
        Files.createDirectories(directory);
        List<Path> images = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            images.add(directory.resolve("disk" + number + ".img"));
        }
        List<Object> words = new ArrayList<>(List.of("create", "--size", size));
        words.addAll(List.of(shape));
        words.addAll(images);
        Verb.run(words).orFail();
        return images;
    }

    /** Four images with an ext4 that holds some of the project's sources; returns the sha256 of the volume. */
    private String made(ScratchDirectory scratch, List<Path> images, String... options) throws IOException {
        images.addAll(created(scratch, "48M", SHAPE));
        try (MountedArray array = MountedArray.mount(new Images(directory, images, null), scratch.path("mnt"))) {
            Path content = scratch.path("content.img");
            try (RandomAccessFile file = new RandomAccessFile(content.toFile(), "rw")) {
                file.setLength(Files.size(array.volume()));
            }
            String sources = Project.root().resolve("raid-engine/src").toString();
            List<String> mkfs = new ArrayList<>(List.of("mkfs.ext4", "-q", "-F", "-b", "4096", "-d", sources));
            mkfs.addAll(List.of(options));
            mkfs.add(content.toString());
            Command.run(mkfs).orFail();
            Command.run("dd", "if=" + content, "of=" + array.volume(), "bs=1M", "conv=notrunc", "status=none")
                    .orFail();
            String sha256 = Digests.sha256(array.volume());
            array.unmount();
            return sha256;
        }
    }

    private static void overwriteStart(Path image, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(4096);
            file.write(bytes);
        }
    }

    @Test
    void theArrayIsFoundWithoutSuperblocksAndWithoutOneDevice() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> images = new ArrayList<>();
            String sha256 = made(scratch, images);
            for (Path image : images) {
                overwriteStart(image, new byte[4096]);
            }
            List<Path> left = List.of(images.get(3), images.get(0), images.get(2));
            Map<String, String> before = new Images(directory, images, null).digests();
            Command.Result result = RecoverRun.of(left).orFail();
            assertTrue(result.output().contains("RAID-5 of 4, chunk 64K, layout left-symmetric"), result::toString);
            assertEquals(sha256, RecoverRun.contentOfFirst(result, scratch.path("found")));
            assertEquals(before, new Images(directory, images, null).digests());
        }
    }

    /** The checksum of a bitmap covers the bits of a group only, which is a quarter of the block here. */
    @Test
    void anExt4WithSmallGroupsIsCheckedByItsBitmaps() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> images = new ArrayList<>();
            String sha256 = made(scratch, images, "-g", "8192");
            for (Path image : images) {
                overwriteStart(image, new byte[4096]);
            }
            Command.Result result = RecoverRun.of(images).orFail();
            // A third of the used blocks belongs to the file system's empty journal, whose zeros confirm nothing.
            assertTrue(score(result) > 30, result::toString);
            assertEquals(sha256, RecoverRun.contentOfFirst(result, scratch.path("found")));
        }
    }

    private static int score(Command.Result result) {
        String output = result.output();
        return Integer.parseInt(output.substring("1. score ".length(), output.indexOf(':')));
    }

    @Test
    void superblocksThatWereMadeInAWrongOrderAreNamed() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> images = new ArrayList<>();
            String sha256 = made(scratch, images);
            List<byte[]> superblocks = new ArrayList<>();
            for (Path image : images) {
                superblocks.add(Arrays.copyOfRange(Files.readAllBytes(image), 4096, 8192));
            }
            overwriteStart(images.get(1), superblocks.get(2));
            overwriteStart(images.get(2), superblocks.get(1));
            Command.Result result = RecoverRun.of(images).orFail();
            assertTrue(result.output().contains("The md superblocks are wrong"), result::toString);
            assertTrue(result.output().contains("disk1.img: says slot 2"), result::toString);
            assertFalse(result.output().contains("disk0.img: says slot"), result::toString);
            assertEquals(sha256, RecoverRun.contentOfFirst(result, scratch.path("found")));
            assertTrue(RecoverRun.of(images, "--json").orFail().output().contains("\"raid_devices\" : 4"));
        }
    }

    /**
     * An ext4 that was in use has new checksums of its bitmaps in the first descriptors only. The device with these is
     * missing, and the others hold the descriptors of the empty file system.
     */
    @Test
    void descriptorsOnTheMissingDeviceAreSolved() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<Path> images = created(scratch, "84M", "--level", "6", "--raid-devices", "4", "--chunk", "64K");
            String sha256;
            try (MountedArray array = MountedArray.mount(new Images(directory, images, null), scratch.path("mnt"))) {
                String mkfs = "mkfs.ext4 -q -F -b 4096 -U 5dd6a8f4-6d3c-4f43-9d9c-0d2f4cc5c0de";
                String job =
                        "truncate -s 160M $2 && " + mkfs + " $2 && dd if=$2 of=$2.old bs=4096 skip=32769 count=1 && "
                                + mkfs + " -d $3 $2 && dd if=$2.old of=$2 bs=4096 seek=32769 conv=notrunc && "
                                + "dd if=$2 of=$1 bs=64k conv=notrunc,sparse";
                String sources = Project.root().resolve("raid-engine/src").toString();
                Path content = scratch.path("content.img");
                Command.run("bash", "-c", job, "job", array.volume().toString(), content.toString(), sources)
                        .orFail();
                sha256 = Digests.sha256(array.volume());
                array.unmount();
            }
            for (Path image : images) {
                overwriteStart(image, new byte[4096]);
            }
            Command.Result result = RecoverRun.of(List.of(images.get(3), images.get(2), images.get(0)))
                    .orFail();
            assertEquals(sha256, RecoverRun.contentOfFirst(result, scratch.path("found")));
            assertTrue(score(result) > 60, result::toString);
        }
    }
}
