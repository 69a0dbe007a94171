import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Takes out of the jars of a directory what only other platforms need, for a distribution serves one kind of machine:
 *
 * <ul>
 *   <li>jnr-constants has the numbers of eight systems; those of Linux on this processor stay, and the general ones.
 *   <li>jffi's native library is put beside the jars, and the jar with the libraries of 22 platforms goes. The launcher
 *       says where it is (jffi.boot.library.path). Otherwise each start would copy it to /tmp, which fails if /tmp is
 *       mounted noexec, and leaves a file there if the process is killed.
 * </ul>
 *
 * <p>Usage: java LeanJars.java DIRECTORY
 */
final class LeanJars {
    private static final String PROCESSOR = switch (System.getProperty("os.arch")) {
        case "amd64" -> "x86_64";
        case String other -> other;
    };
    private static final Pattern CONSTANTS = Pattern.compile("jnr/constants/platform/([a-z0-9]+)/(?:([a-z0-9_]+)/)?.*");
    private static final String LIBRARY = "libjffi-1.2.so";

    private LeanJars() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        for (Path jar : jars(directory, "jnr-constants-*.jar")) {
            dropConstants(jar);
        }
        for (Path jar : jars(directory, "jffi-*-native.jar")) {
            takeOutLibrary(jar, directory.resolve(LIBRARY));
        }
    }

    private static List<Path> jars(Path directory, String glob) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
            found.forEach(jars::add);
        }
        if (jars.isEmpty()) {
            throw new IOException(directory + " has no " + glob + ": has a library changed its name?");
        }
        return jars;
    }

    private static void dropConstants(Path jar) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar);
                Stream<Path> entries = Files.walk(content.getPath("/"))) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                if (isOfAnotherPlatform(entry.toString().substring(1))) {
                    Files.delete(entry);
                }
            }
        }
    }

    private static boolean isOfAnotherPlatform(String entry) {
        Matcher matcher = CONSTANTS.matcher(entry);
        if (!matcher.matches() || matcher.group(1).equals("fake")) {
            return false;
        }
        String processor = matcher.group(2);
        return !matcher.group(1).equals("linux") || processor != null && !processor.equals(PROCESSOR);
    }

    private static void takeOutLibrary(Path jar, Path library) throws IOException {
        try (ZipFile content = new ZipFile(jar.toFile())) {
            ZipEntry entry = content.getEntry("jni/" + PROCESSOR + "-Linux/" + LIBRARY);
            if (entry == null) {
                throw new IOException(jar + " has no library for Linux on " + PROCESSOR);
            }
            Files.write(library, content.getInputStream(entry).readAllBytes());
        }
        Files.delete(jar);
    }
}
