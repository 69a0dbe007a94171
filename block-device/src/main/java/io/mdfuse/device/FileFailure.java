package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Why a file can't be made, opened or written, in words. Java's own messages are the path alone for the most frequent
 * reasons, and have no path for the others.
 */
public final class FileFailure {
    private static final String NOT_A_DIRECTORY = "Not a directory";

    private FileFailure() {}

    /** One line: the file's name, and what was found. */
    public static String line(FileSystemException failure) {
        return failure.getFile() == null ? words(failure) : failure.getFile() + ": " + words(failure);
    }

    /** The same for a failure that may not know the file. */
    public static String line(Path file, IOException failure) {
        return file + ": " + words(failure);
    }

    /** What was found, without the name of the file. It looks at the file again, so that it can say more. */
    public static String words(IOException failure) {
        if (!(failure instanceof FileSystemException found) || found.getFile() == null) {
            return String.valueOf(failure.getMessage());
        }
        Path file = Path.of(found.getFile());
        return switch (found) {
            case NoSuchFileException _ -> absent(file);
            case FileAlreadyExistsException _ -> Files.exists(file) ? "exists already" : absent(file);
            case AccessDeniedException _ -> "access is denied: run this as its owner, or as root";
            case NotDirectoryException _ -> "is not a directory";
            default -> other(found, file);
        };
    }

    /** Why a file is not found at its name, without that name: there is nothing, or a link that leads nowhere. */
    public static String absent(Path file) {
        Path directory = file.getParent();
        if (Files.isSymbolicLink(file)) {
            try {
                return "is a symbolic link to " + Files.readSymbolicLink(file) + ", which does not exist";
            } catch (IOException e) {
                return "is a symbolic link to a file that does not exist";
            }
        }
        return directory != null && Files.notExists(directory)
                ? "its directory " + directory + " does not exist"
                : "does not exist";
    }

    private static String other(FileSystemException found, Path file) {
        String reason = found.getReason();
        Path directory = file.getParent();
        if (NOT_A_DIRECTORY.equals(reason) && directory != null && Files.isRegularFile(directory)) {
            return directory + " is not a directory";
        }
        return reason == null ? String.valueOf(found.getMessage()) : reason;
    }
}
