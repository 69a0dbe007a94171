package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountPoint;
import io.mdfuse.fuse.MountTable;
import io.mdfuse.fuse.ReadOnlyControl;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A mounted array as seen from outside the process that serves it: its file, and the file's extended attributes.
 *
 * @param mountPoint its real path
 * @param file the one file in it
 */
record MountedVolume(Path mountPoint, Path file) {
    /** Java omits the prefix {@code user.}, and so does this class. */
    private static final String ARRAY_PREFIX = "md.";

    private static final Set<String> PARITY_LEVELS = Set.of("raid4", "raid5", "raid6");

    private static final String SERVER_PID = "mdfuse.pid";
    private static final String SERVER_TROUBLE = "mdfuse.trouble";
    private static final String SERVER_REFUSAL = "mdfuse.refusal";
    private static final String SERVER_FRONTEND = "mdfuse.frontend";

    /** The longest value that Linux lets an attribute have: XATTR_SIZE_MAX. */
    private static final int LONGEST_VALUE_BYTES = 64 << 10;

    /** Finds the array that is mounted on {@code given}, which may also be the volume's file. */
    static MountedVolume at(Path given) throws IOException {
        refuseDead(given);
        if (Files.notExists(given)) {
            throw new MountException(given + " does not exist");
        }
        try {
            return found(given);
        } catch (AccessDeniedException e) {
            throw denied(given);
        }
    }

    /** A mount whose process has ended can't be looked into, but the kernel's mount table still lists it. */
    private static void refuseDead(Path given) throws IOException {
        Path parent = given.getParent() == null ? given.toAbsolutePath().getParent() : given.getParent();
        for (Path place : parent == null ? List.of(given) : List.of(given, parent)) {
            if (!MountPoint.isDead(place)) {
                continue;
            }
            MountTable.Entry entry = MountTable.at(MountPoint.withRealParent(place));
            if (entry == null || !entry.isOurs()) {
                throw new MountException(place + " is a dead mount, and not one of mdfuse");
            }
            throw new MountException(place + " is a dead mount: the process that served it was killed or ended by a"
                    + " fault. Take it away with: mdfuse umount " + place
                    + ", and mount the array again, which recovers it");
        }
    }

    private static MountedVolume found(Path given) throws IOException {
        Path real = given.toRealPath();
        Path parent = real.getParent();
        Path mountPoint = Files.isRegularFile(real) && parent != null ? parent : real;
        MountTable.Entry entry = MountTable.at(mountPoint);
        if (entry == null || !entry.isOurs()) {
            throw new MountException(given + " is not mounted by mdfuse");
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(mountPoint)) {
            return new MountedVolume(mountPoint, files.iterator().next());
        }
    }

    /** Whether the volume is still mounted. */
    boolean isMounted() throws IOException {
        MountTable.Entry entry = MountTable.at(mountPoint);
        return entry != null && entry.isOurs();
    }

    private static MountException denied(Path given) throws IOException {
        Path real = MountPoint.withRealParent(given);
        for (Path place : new Path[] {real, real.getParent()}) {
            MountTable.Entry entry = place == null ? null : MountTable.at(place);
            if (entry != null && entry.isOurs()) {
                return new MountException(
                        given + " was mounted by another user, and FUSE lets no other in, not even root: run this"
                                + " as that user, or have it mounted with -o allow_other");
            }
        }
        return new MountException("no permission to look at " + given);
    }

    /**
     * The array's attributes by md's sysfs names. They are read one after another while the array is in use, so the
     * values are not of one moment; an attribute that disappears meanwhile, with the device that it belongs to, is
     * omitted.
     */
    Map<String, String> attributes() throws IOException {
        UserDefinedFileAttributeView view = view();
        Map<String, String> attributes = new TreeMap<>();
        for (String name : view.list()) {
            if (name.startsWith(ARRAY_PREFIX)) {
                try {
                    attributes.put(name.substring(ARRAY_PREFIX.length()), value(view, name));
                } catch (IOException e) {
                    if (view.list().contains(name)) {
                        throw e;
                    }
                }
            }
        }
        return attributes;
    }

    /** Sets an attribute by md's sysfs name; returns when the change has taken effect. */
    void setAttribute(String name, String value) throws IOException {
        try {
            if (Files.getFileStore(file).isReadOnly()) {
                // The kernel refuses setxattr on a read-only mount before it asks the serving process.
                ReadOnlyControl.set(file, name, value);
            } else {
                view().write(ARRAY_PREFIX + name, StandardCharsets.UTF_8.encode(value));
            }
        } catch (IOException e) {
            List<String> refusal = value(view(), SERVER_REFUSAL).lines().toList();
            if (refusal.size() == 2 && refusal.getFirst().equals(name + "=" + value)) {
                throw new MountException(refusal.getLast());
            }
            throw e;
        }
    }

    /** The id of the process that serves the volume. */
    long serverPid() throws IOException {
        return Long.parseLong(value(view(), SERVER_PID));
    }

    /**
     * Why the volume can't be written any more; empty if it can. The serving process answers even if a device hangs.
     */
    String serverTrouble() throws IOException {
        return value(view(), SERVER_TROUBLE);
    }

    /** Which front end serves the volume, with the version of its library; empty if an older mdfuse serves it. */
    String frontend() throws IOException {
        return view().list().contains(SERVER_FRONTEND) ? value(view(), SERVER_FRONTEND) : "";
    }

    /**
     * Has the serving process carry out a command about members.
     *
     * @param words the verb and its arguments
     * @return the result, as a sentence
     * @throws IOException if the command was refused; the message says why
     */
    String manage(List<String> words) throws IOException {
        if (value(view(), ARRAY_PREFIX + "array_state").equals("readonly")) {
            throw new MountException("can't " + words.getFirst() + ": " + whyReadOnly());
        }
        IOException refusal = null;
        try {
            view().write("md.member_command", StandardCharsets.UTF_8.encode(String.join("\n", words)));
        } catch (IOException e) {
            refusal = e;
        }
        List<String> result = value(view(), "md.member_result").lines().toList();
        String shown = words.stream().map(DeviceSpec::shown).collect(Collectors.joining(" "));
        boolean ours = result.size() > 2 && result.get(1).equals(shown);
        if (refusal != null) {
            throw new MountException(ours ? result.get(2) : words.getFirst() + " failed: " + refusal.getMessage());
        }
        return ours ? result.get(2) : shown + ": done";
    }

    /** Why a read-only array is that, and what to do; an array of some kinds can be mounted in no other way. */
    private String whyReadOnly() throws IOException {
        String level = value(view(), ARRAY_PREFIX + "level");
        if (!PARITY_LEVELS.contains(level)) {
            return "a " + level + " array is only read here, so its members can't be changed; that takes md and mdadm";
        }
        if (!value(view(), ARRAY_PREFIX + "reshape_position").equals("none")) {
            return "the array is in the middle of a reshape, so it is only read here, and its members can't be changed;"
                    + " md can complete the reshape";
        }
        if (value(view(), ARRAY_PREFIX + "metadata_version").equals("0.90")) {
            return "an array with metadata 0.90 is only read here, so its members can't be changed; that takes md and"
                    + " mdadm";
        }
        return "the array is mounted read-only; unmount, and mount without --read-only";
    }

    private UserDefinedFileAttributeView view() {
        return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    }

    /**
     * Uses a buffer of the largest size, since a value such as a speed may grow between a request for its size and the
     * read.
     */
    private static String value(UserDefinedFileAttributeView view, String name) throws IOException {
        ByteBuffer value = ByteBuffer.allocate(LONGEST_VALUE_BYTES);
        view.read(name, value);
        return StandardCharsets.UTF_8.decode(value.flip()).toString();
    }
}
