package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A live page about a mounted array. It reads the array's attributes and changes nothing. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        header = "Shows a mounted array live: members, throughput, latencies, journal, cache, progress.",
        description = {
            "The page is renewed each second, until q or Ctrl-C. If there is no terminal, or a dumb one, the figures"
                    + " of one second are printed, and the command ends. Nothing is changed by it. docs/watch.md has"
                    + " the meaning of each line."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse watch /mnt/array",
            "  mdfuse watch --once /mnt/array",
            "  mdfuse watch /mnt/array --web",
            "  mdfuse watch /mnt/array --web 8080"
        })
final class WatchCommand implements Callable<Integer> {
    private static final int PLAIN_COLUMNS = 80;
    private static final double LEAST_SECONDS = 0.1;
    private static final double MOST_SECONDS = 3600;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--once", description = "Print the figures of one interval, and end.")
    private boolean once;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "How often the page is renewed: 1 unless given, 0.1 at least.")
    private double intervalSeconds = 1;

    @Option(
            names = "--web",
            paramLabel = "ADDRESS",
            arity = "0..1",
            fallbackValue = WatchAddress.DEFAULT,
            description = {
                "Serve the page to browsers, read-only, until Ctrl-C, and print where: on 127.0.0.1 and a free port"
                        + " unless ADDRESS says HOST, HOST:PORT or PORT."
            })
    private @Nullable String web;

    @Option(
            names = "--allow-remote",
            description = "With --web: ADDRESS may be one that other machines reach. There is no password: everyone who"
                    + " reaches it sees the page.")
    private boolean allowRemote;

    @Parameters(paramLabel = "MOUNTPOINT", arity = "0..1", description = "Where the array is mounted, or its file.")
    private @Nullable Path mountPoint;

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        Duration interval = interval(commandLine);
        Path mounted = mountPoint(commandLine);
        if (web != null) {
            return serve(commandLine, mounted, interval);
        }
        if (allowRemote) {
            throw new ParameterException(commandLine, "--allow-remote is for --web");
        }
        MountedVolume volume = WatchSample.find(mounted);
        if (once
                || !Terminal.isThere()
                || System.getenv().getOrDefault("TERM", "dumb").equals("dumb")) {
            print(WatchSampler.once(volume, interval), commandLine.getOut());
            return 0;
        }
        WatchSampler sampler = new WatchSampler(volume, interval);
        sampler.start();
        new WatchTerminal(sampler, System.getenv().getOrDefault("NO_COLOR", "").isEmpty()).run();
        return 0;
    }

    /** In {@code --web MOUNTPOINT} the parser takes the mount point for the address. */
    private Path mountPoint(CommandLine commandLine) {
        if (mountPoint != null) {
            return mountPoint;
        }
        if (web != null && (web.contains("/") || Files.isDirectory(Path.of(web)))) {
            Path meant = Path.of(web);
            web = WatchAddress.DEFAULT;
            return meant;
        }
        throw new ParameterException(commandLine, "a MOUNTPOINT is needed");
    }

    private int serve(CommandLine commandLine, Path mounted, Duration interval)
            throws IOException, InterruptedException {
        if (once) {
            throw new ParameterException(commandLine, "--once prints, and --web serves: give one of them");
        }
        WatchAddress address;
        try {
            address = WatchAddress.of(Objects.requireNonNull(web));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine, "--web: " + e.getMessage());
        }
        if (!address.isLoopback() && !allowRemote) {
            throw new ParameterException(
                    commandLine,
                    "--web " + web
                            + " can be reached by other machines, and there is no password; if that is meant, say"
                            + " --allow-remote");
        }
        WatchSampler sampler = new WatchSampler(WatchSample.find(mounted), interval);
        try (WatchServer server = new WatchServer(address, sampler)) {
            commandLine.getOut().println(server.url());
            commandLine.getOut().flush();
            sampler.start();
            throw sampler.awaitFailure();
        }
    }

    private Duration interval(CommandLine commandLine) {
        if (!(intervalSeconds >= LEAST_SECONDS && intervalSeconds <= MOST_SECONDS)) {
            throw new ParameterException(commandLine, "--interval is a number of seconds from 0.1 to 3600");
        }
        return Duration.ofNanos(Math.round(intervalSeconds * 1e9));
    }

    private static void print(WatchFigures figures, PrintWriter out) {
        new WatchPage(figures, new WatchHistory(), PLAIN_COLUMNS, Integer.MAX_VALUE, false)
                .lines("").stream()
                        .map(AttributedString::toString)
                        .map(String::stripTrailing)
                        .forEach(out::println);
        out.flush();
    }
}
