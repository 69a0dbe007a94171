package io.mdfuse.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** File systems of several kinds in a test's array, made and read by the real tools. */
final class TestFileSystem {
    /** The two commands that a mount prints. */
    private static final Pattern LINE = Pattern.compile("to use it: (losetup [^;]*); (mount .*)/dev/loopN DIRECTORY");

    private TestFileSystem() {}

    static void needs(String kind) {
        switch (kind.replaceAll("-.*", "")) {
            case "ext4" -> Needs.program("mkfs.ext4", "e2fsprogs");
            case "xfs" -> Needs.program("mkfs.xfs", "xfsprogs");
            default -> Needs.program("mkfs.btrfs", "btrfs-progs");
        }
    }

    /** Makes one: {@code ext4}, {@code ext4-1024}, {@code xfs-512}, {@code xfs-4096} or {@code btrfs}. */
    static void make(String kind, String node) throws IOException {
        String size = kind.replaceAll("^[^-]*-?", "");
        // mkfs.xfs wants 300 MB, unless it is called by a test.
        List<String> xfs = List.of("env", "TEST_DIR=1", "TEST_DEV=1", "QA_CHECK_FS=1", "mkfs.xfs", "-q", "-f");
        List<String> command = new ArrayList<>(
                switch (kind.replaceAll("-.*", "")) {
                    case "ext4" -> List.of("mkfs.ext4", "-q", "-F", "-b", size.isEmpty() ? "4096" : size);
                    case "xfs" -> with(xfs, "-s", "size=" + size);
                    default -> List.of("mkfs.btrfs", "-q", "-f");
                });
        command.add(node);
        Command.run(command).orFail();
    }

    private static List<String> with(List<String> words, String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    static String[] with(String[] words, String... more) {
        return with(Arrays.asList(words), more).toArray(String[]::new);
    }

    /** An array over images of any size. */
    static void createArray(Images images, TestArrayShape shape) throws IOException {
        images.create(shape.level(), "--chunk", shape.chunkKib() + "K", "--name", "vol");
    }

    /** The content of {@code file}, after the commands that the mount printed were run unchanged. */
    static byte[] readByThePrintedLine(String said, Path directory) throws IOException {
        return readByThePrintedLine(said, directory, "file");
    }

    /** As above for any file; no bytes for "", which only checks that the file system mounts. */
    static byte[] readByThePrintedLine(String said, Path directory, String name) throws IOException {
        Matcher line = LINE.matcher(said);
        if (!line.find()) {
            throw new AssertionError("no commands in: " + said);
        }
        LoopDevice attached = new LoopDevice(
                Command.run("bash", "-c", line.group(1)).orFail().output().strip());
        try (LoopDevice loop = attached) {
            Command.run("bash", "-c", line.group(2) + loop.node() + " " + directory)
                    .orFail();
            try (LoopDevice.FileSystem mounted = new LoopDevice.FileSystem(directory)) {
                return name.isEmpty()
                        ? new byte[0]
                        : Files.readAllBytes(mounted.mountPoint().resolve(name));
            }
        }
    }

    static byte[] read(Path file, long offsetBytes, int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && channel.read(bytes, offsetBytes + bytes.position()) >= 0) {}
        }
        return bytes.array();
    }
}
