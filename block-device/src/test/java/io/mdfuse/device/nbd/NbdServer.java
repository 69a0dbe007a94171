package io.mdfuse.device.nbd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real server, nbdkit or qemu-nbd, on a socket in a test's directory or on a port of this host. Closing it kills the
 * process.
 */
public final class NbdServer implements AutoCloseable {
    private final SocketAddress address;
    private final Path socket;
    private final List<String> command;
    private Process process;

    private NbdServer(SocketAddress address, Path socket, List<String> command)
            throws IOException, InterruptedException {
        this.address = address;
        this.socket = socket;
        this.command = command;
        this.process = start();
    }

    /** nbdkit with these words: filters, the plugin and its parameters. */
    public static NbdServer nbdkit(Path socket, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nbdkit", "--foreground", "--unix", socket.toString()));
        command.addAll(List.of(words));
        return new NbdServer(UnixDomainSocketAddress.of(socket), socket, command);
    }

    /**
     * nbdkit on a port of this host, with these words.
     *
     * @param log where its messages go, with {@code .log} behind it
     */
    public static NbdServer nbdkitOnPort(Path log, String... words) throws IOException, InterruptedException {
        InetSocketAddress address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
        }
        List<String> command = new ArrayList<>(List.of("nbdkit", "--foreground", "--ipaddr", "127.0.0.1"));
        command.addAll(List.of("--port", Integer.toString(address.getPort())));
        command.addAll(List.of(words));
        return new NbdServer(address, log, command);
    }

    /** qemu-nbd with these words: the format and the image. It serves one client at a time, one after another. */
    public static NbdServer qemu(Path socket, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("qemu-nbd", "--persistent", "--socket", socket.toString()));
        command.addAll(List.of(words));
        return new NbdServer(UnixDomainSocketAddress.of(socket), socket, command);
    }

    private Process start() throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Path.of(socket + ".log").toFile()))
                .start();
        for (int tries = 0; !answers(); tries++) {
            if (tries == 500 || !started.isAlive()) {
                started.destroyForcibly();
                throw new IOException(command + " does not start: " + Files.readString(Path.of(socket + ".log")));
            }
            Thread.sleep(20);
        }
        return started;
    }

    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(address)) {
            return channel.isConnected();
        } catch (IOException e) {
            // The server makes the socket a moment before it listens.
            return false;
        }
    }

    /** The name of the device for the program. */
    public String uri() {
        return address instanceof InetSocketAddress onPort
                ? "nbd://localhost:" + onPort.getPort() + "/"
                : "nbd+unix:///?socket=" + socket;
    }

    /** The number of the process. */
    public long pid() {
        return process.pid();
    }

    /** Kills the process, as a power cut of its host does for the client. */
    public void kill() throws IOException {
        process.destroyForcibly();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("the server " + pid() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Starts it again with the same words. */
    public void restart() throws IOException, InterruptedException {
        process = start();
    }

    @Override
    public void close() throws IOException {
        kill();
    }
}
