package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.ScratchMount;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verb watch: once, on a terminal, and for browsers; right and wrong input. */
class WatchCommandTest {
    @TempDir
    Path directory;

    private static SampleStatistics.Volume volume() throws IOException {
        return new SampleStatistics.Volume(true);
    }

    private static void refused(int status, String line, String... words) {
        CommandRun run = CommandRun.of(words);
        assertEquals(status, run.status(), run.toString());
        assertTrue(run.err().contains(line), run.toString());
        assertEquals(1, run.err().lines().count(), run.toString());
        assertEquals("", run.out());
    }

    @Test
    void withoutATerminalTheFiguresOfOneIntervalArePrinted() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume())) {
            CommandRun run = CommandRun.of(
                    "watch", "--interval", "0.1", mount.directory().toString());
            assertEquals(0, run.status(), run.toString());
            assertTrue(run.out().startsWith("tank  raid5 of 0"), run.toString());
            assertTrue(run.out().contains("\njournal  |"), run.toString());
            assertTrue(run.out().contains("full 7, partial 3 of 256 stripes"), run.toString());
        }
    }

    @Test
    void wrongInputIsOneLine() {
        String here = directory.toString();
        refused(2, "a MOUNTPOINT is needed", "watch");
        refused(1, "is not mounted by mdfuse", "watch", here);
        refused(1, "does not exist", "watch", here + "/nowhere");
        refused(2, "--interval is a number of seconds", "watch", "--interval", "0", here);
        refused(2, "--interval is a number of seconds", "watch", "--interval", "NaN", here);
        refused(2, "is no address", "watch", here, "--web", "one two");
        refused(2, "there is no port 70000", "watch", here, "--web", "127.0.0.1:70000");
        refused(2, "say --allow-remote", "watch", here, "--web", "0.0.0.0:0");
        refused(2, "--allow-remote is for --web", "watch", here, "--allow-remote");
        refused(2, "give one of them", "watch", "--once", here, "--web");
        refused(1, "is not mounted by mdfuse", "watch", "--web", here);
    }

    @Test
    void anArrayOfAnOlderVersionIsRefused() throws Exception {
        try (ScratchMount mount = new ScratchMount(new io.mdfuse.fuse.MemoryVolume("tank", 1 << 20))) {
            refused(1, "older mdfuse", "watch", mount.directory().toString());
        }
    }

    @Test
    void aBrowserGetsThePageAndTheFiguresAndCanChangeNothing() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume())) {
            MountedVolume mounted = WatchSample.find(mount.directory());
            WatchSampler sampler = new WatchSampler(mounted, Duration.ofMillis(100));
            try (WatchServer server = new WatchServer(WatchAddress.of(WatchAddress.DEFAULT), sampler)) {
                URI url = URI.create(server.url());
                int port = url.getPort();
                assertEquals("127.0.0.1", url.getHost());

                String page = answer(port, "GET / HTTP/1.1", "127.0.0.1:" + port);
                assertTrue(page.startsWith("HTTP/1.1 200 OK"), page);
                assertTrue(page.contains("<title>mdfuse watch</title>"), page);
                assertTrue(page.toLowerCase(java.util.Locale.ROOT)
                        .contains("content-security-policy: default-src 'none'"));
                String[] nonces = page.split("nonce[=-]\"?", -1);
                assertEquals(
                        1,
                        List.of(nonces).stream()
                                .skip(1)
                                .map(each -> each.substring(0, 32))
                                .distinct()
                                .count());
                String figures = answer(port, "GET /figures.json HTTP/1.1", "localhost:" + port);
                assertTrue(figures.contains("application/json"), figures);
                assertTrue(figures.contains("\"ring\":{\"size\":1048576"), figures);

                assertTrue(
                        answer(port, "GET / HTTP/1.1", "evil.example:" + port).startsWith("HTTP/1.1 421"));
                assertTrue(answer(port, "GET /figures.json HTTP/1.1", "evil.example")
                        .startsWith("HTTP/1.1 421"));
                for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
                    String refusal = answer(port, method + " / HTTP/1.1", "localhost");
                    assertTrue(refusal.startsWith("HTTP/1.1 405"), refusal);
                    assertTrue(refusal.contains("Allow: GET, HEAD"), refusal);
                }
                for (String path : List.of("/etc/passwd", "/../watch.html", "/figures.json/x", "/watch.html")) {
                    assertTrue(
                            answer(port, "GET " + path + " HTTP/1.1", "localhost")
                                    .startsWith("HTTP/1.1 404"),
                            path);
                }
                String head = answer(port, "HEAD / HTTP/1.1", "localhost");
                assertTrue(head.startsWith("HTTP/1.1 200"), head);
                assertTrue(head.endsWith("\r\n\r\n"), head);
            }
        }
    }

    @Test
    void aPortThatIsTakenIsRefused() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume());
                java.net.ServerSocket taken = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            refused(
                    1,
                    "can't serve at http://" + address,
                    "watch",
                    mount.directory().toString(),
                    "--web",
                    address);
        }
    }

    @Test
    void theEndOfTheMountEndsTheServerWithOneLine() throws Exception {
        List<CommandRun> runs = new ArrayList<>();
        Thread watching;
        try (ScratchMount mount = new ScratchMount(volume())) {
            watching = Thread.ofPlatform()
                    .start(() -> runs.add(CommandRun.of(
                            "watch", "--interval", "0.1", mount.directory().toString(), "--web")));
            Thread.sleep(500);
        }
        watching.join(20_000);
        assertEquals(1, runs.size());
        assertEquals(1, runs.getFirst().status(), runs::toString);
        assertTrue(runs.getFirst().out().matches("http://127\\.0\\.0\\.1:[0-9]+/\\R"), runs::toString);
        assertTrue(runs.getFirst().err().matches("mdfuse: .* is not mounted any more\\R"), runs::toString);
    }

    @Test
    void onATerminalThePageIsShownUntilQ() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume())) {
            String command = MdfuseProcess.command("watch", "--interval", "0.2", mount.directory()).stream()
                    .map(word -> "'" + word + "'")
                    .collect(Collectors.joining(" "));
            ProcessBuilder builder =
                    new ProcessBuilder("script", "-qec", "stty rows 24 cols 80; exec " + command, "/dev/null");
            builder.environment().put("TERM", "xterm-256color");
            Process process = builder.redirectErrorStream(true).start();
            try (InputStream screen = process.getInputStream()) {
                StringBuilder shown = new StringBuilder();
                while (shown.indexOf("partial 3 of 256") < 0) {
                    byte[] part = new byte[4096];
                    int length = screen.read(part);
                    assertTrue(length > 0, shown::toString);
                    shown.append(new String(part, 0, length, StandardCharsets.UTF_8));
                }
                process.getOutputStream().write('q');
                process.getOutputStream().flush();
                String rest = new String(screen.readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, process.waitFor());
                assertTrue(shown.indexOf("\033[?1049h") >= 0, shown::toString);
                assertTrue(rest.contains("\033[?1049l"), rest);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    @Test
    void addressesHaveThreeForms() {
        assertEquals(8080, WatchAddress.of("8080").port());
        assertEquals("127.0.0.1", WatchAddress.of(":8080").host());
        assertEquals(0, WatchAddress.of("localhost").port());
        assertEquals("http://[::1]:9/", WatchAddress.of("[::1]:9").url(9));
        assertTrue(WatchAddress.of("[::1]:9").isLoopback());
        assertTrue(!WatchAddress.of("10.1.2.3:80").isLoopback());
        assertEquals("http://localhost:80/", WatchAddress.of("0.0.0.0:80").url(80));
    }

    /** What a browser of this name for the host gets, headers and all. */
    private static String answer(int port, String request, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write((request + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
