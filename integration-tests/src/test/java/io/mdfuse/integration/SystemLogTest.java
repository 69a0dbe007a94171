package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Events reach the host's log under the name mdfuse, each with its priority; without a log daemon everything else
 * works.
 */
class SystemLogTest {
    private static final Path SOCKET = Path.of("/dev/log");

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.loopDevices();
    }

    /** Reads the input of every connection, as a log daemon does. */
    private static void collect(ServerSocketChannel server, ConcurrentLinkedQueue<String> lines) {
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try {
                    SocketChannel client = server.accept();
                    Thread.ofPlatform().daemon().start(() -> read(client, lines));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private static void read(SocketChannel client, ConcurrentLinkedQueue<String> lines) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try (client) {
            while (client.read(buffer) >= 0) {
                lines.add(StandardCharsets.UTF_8.decode(buffer.flip()).toString());
                buffer.clear();
            }
        } catch (IOException closed) {
            lines.add("closed");
        }
    }

    @Test
    void eventsAreWrittenWithTheirPriority() throws IOException {
        boolean alone = !Files.exists(SOCKET);
        ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        try (ScratchDirectory scratch = ScratchDirectory.create();
                ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            // The C library tries a datagram socket first, and a stream socket if the other end is one.
            server.bind(UnixDomainSocketAddress.of(alone ? SOCKET : scratch.path("log")));
            collect(server, lines);
            failOne(scratch);
        } finally {
            if (alone) {
                Files.deleteIfExists(SOCKET);
            }
        }
        if (alone) {
            String all = String.join("\n", lines);
            // Facility daemon (3 * 8), priorities info (6) and crit (2).
            assertTrue(all.matches("(?s).*<30>.* mdfuse\\[[0-9]+\\]: .*/mnt/[^/]+: NewArray: .*"), all);
            assertTrue(all.matches("(?s).*<26>.* mdfuse\\[[0-9]+\\]: .*/mnt/[^/]+: Fail: .*(slot 1).*"), all);
        }
    }

    @Test
    void withoutALogDaemonNothingFails() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            failOne(scratch);
        }
    }

    private static void failOne(ScratchDirectory scratch) throws IOException {
        Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
        try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
            new MemberVerbs(array).run("fail", images.members().get(1)).orFail();
            array.unmount();
        }
    }
}
