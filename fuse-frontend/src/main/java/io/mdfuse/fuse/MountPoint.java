package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory to mount on. It is checked before the mount, so that each obstacle is reported in one line that says
 * what to do.
 *
 * <p>What is found there, and what follows:
 *
 * <ul>
 *   <li>an empty directory: used;
 *   <li>a dead mount of mdfuse, whose process was killed: cleared, then used;
 *   <li>a live mount of mdfuse, a dead mount of another file system, a directory that is not empty: refused.
 * </ul>
 */
public final class MountPoint {
    private static final Logger LOG = LoggerFactory.getLogger(MountPoint.class);
    private static final Path FUSE_NODE = Path.of("/dev/fuse");

    private MountPoint() {}

    /** Prepares {@code given} and returns its real path, which the kernel's mount table will contain. */
    static Path prepare(Path given, boolean allowNonEmpty) throws IOException {
        requireFuseNode();
        if (clearDead(given)) {
            LOG.warn("{} was dead: its process had been killed; that mount is cleared", given);
        }
        requireDirectory(given);
        Path real = given.toRealPath();
        MountTable.Entry mounted = MountTable.at(real);
        if (mounted != null && mounted.isOurs()) {
            throw new MountException(
                    given + " is already mounted (" + mounted.source() + "); unmount it first: mdfuse umount " + given);
        }
        if (!allowNonEmpty && !isEmpty(real)) {
            throw new MountException(given + " is not empty; choose an empty directory, or add -o nonempty");
        }
        return real;
    }

    /** True if {@code path} is a mount whose process has ended, of mdfuse or of another file system. */
    public static boolean isDead(Path path) throws IOException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
            return false;
        } catch (NoSuchFileException | AccessDeniedException e) {
            return false;
        } catch (FileSystemException e) {
            // Java has no exception class for ENOTCONN, and its message depends on the user's language.
            return MountTable.at(withRealParent(path)) != null;
        }
    }

    /** The real path of a mount point that cannot be resolved, because the mount on it is dead. */
    public static Path withRealParent(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        return parent == null || name == null ? absolute : parent.toRealPath().resolve(name);
    }

    /**
     * Clears every dead mount of mdfuse from {@code given}; that of another file system is refused. True if there was
     * one.
     */
    public static boolean clearDead(Path given) throws IOException {
        boolean cleared = false;
        while (isDead(given)) {
            Path real = withRealParent(given);
            MountTable.Entry dead = MountTable.at(real);
            if (dead == null) {
                return cleared;
            }
            if (!dead.isOurs()) {
                throw new MountException(given + " is a dead mount of " + dead.source() + " (" + dead.type()
                        + "); clear it first: fusermount -u -z " + given);
            }
            Fusermount.unmountLazily(real);
            cleared = true;
        }
        return cleared;
    }

    private static void requireFuseNode() throws MountException {
        if (!Files.exists(FUSE_NODE)) {
            throw new MountException(FUSE_NODE + " is missing; load the kernel's FUSE module: modprobe fuse");
        }
        if (!Files.isReadable(FUSE_NODE) || !Files.isWritable(FUSE_NODE)) {
            throw new MountException("no permission to use " + FUSE_NODE + "; run as root, or: chmod 666 " + FUSE_NODE);
        }
    }

    private static void requireDirectory(Path given) throws IOException {
        refuseMountOfOtherFileSystem(given);
        if (Files.notExists(given, LinkOption.NOFOLLOW_LINKS)) {
            throw new MountException(given + " does not exist; make it first: mkdir " + given);
        }
        if (!Files.isDirectory(given)) {
            throw new MountException(given + " is not a directory");
        }
    }

    /**
     * FUSE lets no other user look at a mount, not even root, so only the kernel's mount table shows it.
     */
    private static void refuseMountOfOtherFileSystem(Path given) throws IOException {
        try {
            Files.readAttributes(given, BasicFileAttributes.class);
        } catch (AccessDeniedException e) {
            MountTable.Entry mounted = MountTable.at(withRealParent(given));
            if (mounted != null) {
                throw new MountException(given + " is already mounted by another user (" + mounted.source()
                        + "); choose another directory, or have that user unmount it"
                        + (mounted.isOurs() ? ": mdfuse umount " + given : ""));
            }
            throw new MountException("no permission to look at " + given);
        } catch (IOException e) {
            // Other obstacles are found by the next checks.
            LOG.debug("{} can't be looked at", given, e);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (AccessDeniedException e) {
            throw new MountException("no permission to look into " + directory);
        }
    }
}
