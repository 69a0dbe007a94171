package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.ArrayAssembler;
import io.mdfuse.raid.array.ArrayRuntime;
import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.DeviceSearch;
import io.mdfuse.raid.array.JournalModeCheck;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.MdUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The array that the user named, in one of three ways: its devices one by one, a directory that holds them (and its
 * name, if the directory holds several arrays), or its UUID or name and the directory to search.
 *
 * @param names the arguments before the mount point
 * @param searched the directory given by {@code --search}, or null
 * @param arrayName the array's name given by {@code --name}, or null
 * @param journalMode the mode that the user asked for; null leaves the array in write-through
 * @param requests how many requests the array must be able to serve at once
 */
record ArraySource(
        List<String> names,
        @Nullable Path searched,
        @Nullable String arrayName,
        @Nullable JournalMode journalMode,
        AssembleOptions options,
        int requests)
        implements VolumeServer.Source<RaidArray> {
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}([-:.]?[0-9a-fA-F]{4,8}){3,4}");

    @Override
    public RaidArray open() throws IOException {
        List<Path> devices = devices().stream().map(DevicePath::absolute).toList();
        if (journalMode != null && !options.readOnly()) {
            JournalModeCheck.require(devices, options, journalMode);
        }
        RaidArray array = ArrayAssembler.open(devices, options, ArrayRuntime.real(requests));
        if (journalMode == JournalMode.WRITE_BACK && !array.readOnly()) {
            try {
                array.setAttribute("journal_mode", journalMode.mdName());
            } catch (IOException e) {
                array.close();
                throw e;
            }
        }
        return array;
    }

    @Override
    public void close(RaidArray array) throws IOException {
        array.close();
    }

    private List<Path> devices() throws IOException {
        String first = names.getFirst();
        if (searched != null) {
            if (names.size() > 1) {
                throw new IOException("with --search give the array's UUID or name, and no devices");
            }
            return UUID.matcher(first).matches()
                    ? DeviceSearch.ofArray(searched, uuid(first))
                    : DeviceSearch.named(searched, first);
        }
        boolean directory = names.size() == 1 && Files.isDirectory(Path.of(first));
        if (arrayName != null && !directory) {
            throw new IOException("--name chooses among the arrays of one DIRECTORY: give that, and no devices");
        }
        if (directory) {
            return arrayName == null
                    ? DeviceSearch.only(Path.of(first))
                    : DeviceSearch.named(Path.of(first), arrayName);
        }
        if (UUID.matcher(first).matches() && Files.notExists(Path.of(first))) {
            throw new IOException("say where to look for the array " + first + ": --search DIRECTORY");
        }
        return names.stream().map(Path::of).toList();
    }

    private static String uuid(String text) throws IOException {
        try {
            return MdUuid.format(MdUuid.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(text + " is not the UUID of an array");
        }
    }
}
