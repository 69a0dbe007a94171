package io.mdfuse.cli;

import io.mdfuse.device.FileFailure;
import io.mdfuse.raid.array.ChosenDevices;
import io.mdfuse.raid.array.DeviceSearch;
import io.mdfuse.raid.array.EveryArray;
import io.mdfuse.raid.array.GivenDevices;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.MdUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The array that the user named, in one of three ways: its devices one by one, or whole disks with its members; a
 * directory that holds them; or its UUID or name and the directory to search.
 *
 * @param names the arguments that name the array
 * @param searched the directory given by {@code --search}, or null
 * @param arrayName the array's name given by {@code --name}, or null
 */
record ArrayChoice(
        List<String> names,
        @Nullable Path searched,
        @Nullable String arrayName) implements DeviceChoice {
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}([-:.]?[0-9a-fA-F]{4,8}){3,4}");

    @Override
    public ChosenDevices devices() throws IOException {
        String first = names.getFirst();
        if (searched != null) {
            if (names.size() > 1) {
                throw new IOException("with --search give the array's UUID or name, and no devices");
            }
            if (!Files.isDirectory(searched)) {
                String found = Files.exists(searched) ? "is not a directory" : FileFailure.absent(searched);
                throw new IOException("--search " + searched + ": " + found + "; name the directory of the images");
            }
            return UUID.matcher(first).matches()
                    ? DeviceSearch.ofArray(searched, uuid(first))
                    : DeviceSearch.named(searched, first);
        }
        if (names.size() == 1 && Files.isDirectory(Path.of(first))) {
            return arrayName == null
                    ? DeviceSearch.only(Path.of(first))
                    : DeviceSearch.named(Path.of(first), arrayName);
        }
        if (UUID.matcher(first).matches() && Files.notExists(Path.of(first))) {
            throw new IOException("say where to look for the array " + first + ": --search DIRECTORY");
        }
        List<DeviceSpec> given = new ArrayList<>();
        for (String name : names) {
            given.add(DeviceSpec.parse(name));
        }
        return GivenDevices.choose(given, arrayName);
    }

    /** True if the user named one array by its UUID or name. */
    boolean isOfOneArray() {
        String first = names.getFirst();
        return searched != null
                || arrayName != null
                || (UUID.matcher(first).matches() && Files.notExists(Path.of(first)));
    }

    /** The devices of every array in the directory, or among the devices, that the user gave. */
    EveryArray every() throws IOException {
        String first = names.getFirst();
        if (names.size() == 1 && Files.isDirectory(Path.of(first))) {
            return DeviceSearch.every(Path.of(first));
        }
        List<DeviceSpec> given = new ArrayList<>();
        for (String name : names) {
            given.add(DeviceSpec.parse(name));
        }
        return GivenDevices.every(given);
    }

    /** Empty for each slot that is called {@code missing}. */
    @Override
    public List<Optional<DeviceSpec>> bySlot() throws IOException {
        List<Optional<DeviceSpec>> slots = new ArrayList<>();
        for (String name : names) {
            slots.add(
                    name.equals(AssumeWord.MISSING)
                            ? Optional.empty()
                            : Optional.of(DevicePath.absolute(DeviceSpec.parse(name))));
        }
        return slots;
    }

    private static String uuid(String text) throws IOException {
        try {
            return MdUuid.format(MdUuid.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(text + " is not the UUID of an array");
        }
    }
}
