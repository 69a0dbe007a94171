package io.mdfuse.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page of {@code watch} to browsers: the page itself, and the newest figures as JSON, which the page asks
 * for each second. It answers GET and HEAD of these two, and nothing else; nothing can be changed through it.
 */
final class WatchServer implements AutoCloseable {
    private static final String PAGE = "watch.html";
    private static final int THREADS = 4;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int MISDIRECTED = 421;
    private static final int GONE = 410;

    private final WatchAddress address;
    private final WatchSampler sampler;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "mdfuse-web");
        thread.setDaemon(true);
        return thread;
    });
    private final String page;

    private record Answer(int status, String type, String body) {}

    /**
     * Binds the address.
     *
     * @throws IOException if the port is taken, or the host is not this machine; the message says which address
     */
    WatchServer(WatchAddress address, WatchSampler sampler) throws IOException {
        this.address = address;
        this.sampler = sampler;
        this.page = page();
        // A client that sends or reads nothing must not keep a thread.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
        try {
            this.server = HttpServer.create(address.socketAddress(), 0);
        } catch (IOException e) {
            throw new IOException("can't serve at " + address.url(address.port()) + ": " + e.getMessage(), e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private static String page() throws IOException {
        try (InputStream page = WatchServer.class.getResourceAsStream(PAGE)) {
            return new String(Objects.requireNonNull(page, PAGE).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What to open in a browser. */
    String url() {
        return address.url(server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String nonce = nonce();
            Answer answer = answerTo(exchange, nonce);
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", answer.type() + "; charset=utf-8");
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; img-src data:; connect-src 'self'; script-src 'nonce-" + nonce
                            + "'; style-src 'nonce-" + nonce
                            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
            if (answer.status() == METHOD_NOT_ALLOWED) {
                headers.set("Allow", "GET, HEAD");
            }
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            if (exchange.getRequestMethod().equals("HEAD")) {
                headers.set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answerTo(HttpExchange exchange, String nonce) throws IOException {
        @Nullable String host = exchange.getRequestHeaders().getFirst("Host");
        if (host == null || !address.allows(host)) {
            return text(MISDIRECTED, "this server is not reached by that name");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return text(METHOD_NOT_ALLOWED, "only GET and HEAD are answered");
        }
        return switch (exchange.getRequestURI().getPath()) {
            case "/" -> new Answer(OK, "text/html", page.replace("@NONCE@", nonce));
            case "/figures.json" -> figures();
            default -> text(NOT_FOUND, "there is nothing here");
        };
    }

    private Answer figures() throws IOException {
        WatchSampler.Result newest = sampler.newest();
        IOException failure = newest.failure();
        return failure != null
                ? text(GONE, String.valueOf(failure.getMessage()))
                : new Answer(OK, "application/json", WatchJson.of(newest));
    }

    private static Answer text(int status, String line) {
        return new Answer(status, "text/plain", line + "\n");
    }

    private static String nonce() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
