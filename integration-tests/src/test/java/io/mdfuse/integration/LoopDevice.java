package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A loop device over a file, detached by close. */
record LoopDevice(String node) implements AutoCloseable {
    static LoopDevice attach(Path file, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("losetup", "--find", "--show"));
        command.addAll(List.of(options));
        command.add(file.toString());
        return new LoopDevice(Command.run(command).orFail().output().strip());
    }

    FileSystem mount(Path mountPoint) throws IOException {
        Command.run("mount", node, mountPoint.toString()).orFail();
        return new FileSystem(mountPoint);
    }

    @Override
    public void close() throws IOException {
        Command.run("losetup", "--detach", node).orFail();
    }

    /** The mounted file system on the device, unmounted by close. */
    record FileSystem(Path mountPoint) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            Command.run("umount", mountPoint.toString()).orFail();
        }
    }
}
