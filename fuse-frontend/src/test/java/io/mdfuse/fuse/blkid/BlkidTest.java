package io.mdfuse.fuse.blkid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.FileVolume;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real contents, named by the real library. */
class BlkidTest {
    @TempDir
    Path scratch;

    private Optional<ContentName> name(long sizeBytes, String... command) throws Exception {
        Path image = scratch.resolve("image");
        Files.deleteIfExists(image);
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), sizeBytes - 1);
        }
        if (command.length > 0) {
            run(image, command);
        }
        return Blkid.nameOf(new FileVolume(image));
    }

    private static void run(Path image, String... command) throws Exception {
        List<String> words = new java.util.ArrayList<>(List.of(command));
        words.add(image.toString());
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @Test
    void fileSystemsAreNamedWithTheirLabels() throws Exception {
        ContentName ext4 =
                name(8 << 20, "mkfs.ext4", "-q", "-F", "-L", "the data").orElseThrow();
        assertEquals(new ContentName("ext4", "the data", "filesystem", "", false), ext4);
        assertTrue(ext4.isFileSystem());
        ContentName swap = name(8 << 20, "mkswap", "-q", "-L", "s").orElseThrow();
        assertEquals(new ContentName("swap", "s", "other", "", false), swap);
    }

    /** The second copy of a GPT is at the end, so the end has to be in the image. */
    @Test
    void aTableOfWhichOnlyTheCopyAtTheEndIsLeftIsNamed() throws Exception {
        name(64 << 20, "sgdisk", "-n1:2048:0");
        Path image = scratch.resolve("image");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(512), 512);
        }
        assertEquals("gpt", Blkid.nameOf(new FileVolume(image)).orElseThrow().table());
    }

    @Test
    void severalSignaturesAreNotDecided() throws Exception {
        name(1 << 20, "mkfs.ext4", "-q", "-F");
        byte[] ext4 = Files.readAllBytes(scratch.resolve("image"));
        name(128 << 20, "mkfs.btrfs", "-q");
        Path image = scratch.resolve("image");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(ext4, 1024, 1024), 1024);
        }
        assertEquals(Optional.of(ContentName.AMBIVALENT), Blkid.nameOf(new FileVolume(image)));
    }

    @Test
    void nothingIsNothing() throws Exception {
        assertTrue(name(8 << 20).isEmpty());
        assertTrue(name(1000).isEmpty());
    }

    @Test
    void aLabelCannotChangeATerminal() {
        assertEquals("a?[31mb", ContentName.printable("a\u001b[31mb\0\0"));
    }
}
