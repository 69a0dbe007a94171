package io.mdfuse.cli;

import io.mdfuse.device.PathBytes;
import io.mdfuse.fuse.StandardStreams;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mount whose process goes on after its command has returned. A Java machine cannot fork, so the command starts
 * itself again with the same arguments:
 *
 * <ol>
 *   <li>The parent starts the child with a pipe as its standard output, its own standard error, and {@link #MARK} in
 *       its environment, and passes on each line that comes through the pipe.
 *   <li>The child opens the array and mounts. If that fails, the child prints the reason on standard error and ends,
 *       and the parent ends with the same status.
 *   <li>Once the file is usable the child prints its messages, redirects its standard error to the log, sends {@link
 *       #READY}, and redirects its standard output to the log too.
 *   <li>The parent reads READY and returns 0. The child has none of the caller's descriptors open any more.
 * </ol>
 */
final class BackgroundMount {
    private static final String MARK = "MDFUSE_BACKGROUND";

    /** No start message can be this line: start messages contain no control characters. */
    private static final String READY = "\u0006ready";

    private static final Path NOWHERE = Path.of("/dev/null");

    private BackgroundMount() {}

    /** True in the child process. */
    static boolean isUnderWay() {
        return System.getenv(MARK) != null;
    }

    /** The parent's part; returns its exit status. {@code words} are the arguments of the whole command line. */
    static int start(List<String> words, PrintWriter out) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine(words))
                .redirectInput(NOWHERE.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(MARK, "1");
        Process child = builder.start();
        Thread stopWithParent = new Thread(child::destroy, "mdfuse-stop-child");
        Runtime.getRuntime().addShutdownHook(stopWithParent);
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(READY)) {
                    Runtime.getRuntime().removeShutdownHook(stopWithParent);
                    return 0;
                }
                out.println(line);
                out.flush();
            }
            int status = child.waitFor();
            return status == 0 ? 1 : status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mounting", e);
        }
    }

    /** Ends the child's conversation with its parent: redirects its streams and sends {@link #READY}. */
    static void finish(@Nullable Path log) throws IOException {
        Path target = log == null ? NOWHERE : log;
        StandardStreams.redirect(StandardStreams.ERR, target);
        LogLines.ofThisProcess().serve(true);
        System.out.println(READY);
        System.out.flush();
        StandardStreams.redirect(StandardStreams.OUT, target);
    }

    /** The command line of this process, so that the child has the same Java, class path and flags. */
    private static List<String> commandLine(List<String> words) throws IOException {
        List<String> mine = new ArrayList<>();
        for (byte[] word : ArgumentText.words(Files.readAllBytes(Path.of("/proc/self/cmdline")))) {
            mine.add(new String(word, PathBytes.CHARSET));
        }
        int launcherWords = mine.size() - words.size();
        if (launcherWords < 1 || !mine.subList(launcherWords, mine.size()).equals(words)) {
            throw new IOException("cannot go into the background from inside another program; use --foreground");
        }
        mine.set(0, Files.readSymbolicLink(Path.of("/proc/self/exe")).toString());
        return mine;
    }
}
