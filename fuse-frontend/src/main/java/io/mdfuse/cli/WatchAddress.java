package io.mdfuse.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the web page of {@code watch} is served, and which names of the host a request may use.
 *
 * <p>A page of another site can't read what this server answers, unless its name is made to lead to this server after
 * the browser has loaded it (DNS rebinding). Such a request carries the foreign name in its header Host, so a request
 * is answered only if Host is an address, {@code localhost}, or the name that the user gave.
 *
 * @param host the name or address as the user gave it
 * @param port 0 for a free one
 */
record WatchAddress(String host, InetAddress address, int port) {
    /** The address if none is given: this machine only, on a free port. */
    static final String DEFAULT = "127.0.0.1:0";

    /** HOST, HOST:PORT, [V6]:PORT, :PORT or PORT. */
    private static final Pattern FORM =
            Pattern.compile("(?:\\[(?<v6>[0-9A-Fa-f:.%]+)\\]|(?<host>[A-Za-z0-9._-]*[A-Za-z._-][A-Za-z0-9._-]*)|)"
                    + "(?::?(?<port>[0-9]{1,5}))?");

    private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");

    /**
     * Reads what the user gave.
     *
     * @throws IllegalArgumentException if it is no address, or its host is not known; the message says which
     */
    static WatchAddress of(String text) {
        Matcher form = FORM.matcher(text);
        if (text.isEmpty() || !form.matches()) {
            throw new IllegalArgumentException(text + " is no address: HOST, HOST:PORT, [IPV6]:PORT or PORT");
        }
        String host = form.group("v6") != null ? form.group("v6") : form.group("host");
        String named = host == null || host.isEmpty() ? "127.0.0.1" : host;
        int port = form.group("port") == null ? 0 : Integer.parseInt(form.group("port"));
        if (port > 0xffff) {
            throw new IllegalArgumentException("there is no port " + port);
        }
        try {
            return new WatchAddress(named, InetAddress.getByName(named), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("the host " + named + " is not known", e);
        }
    }

    /** True if only this machine can reach it. */
    boolean isLoopback() {
        return address.isLoopbackAddress();
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(address, port);
    }

    /** What to open in a browser, if the server has this port. */
    String url(int servedPort) {
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return "http://" + (address.isAnyLocalAddress() ? "localhost" : shown) + ":" + servedPort + "/";
    }

    /** Whether a request with this header Host is answered. */
    boolean allows(String header) {
        String name = PORT.matcher(header).replaceFirst("").toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.equals(host.toLowerCase(Locale.ROOT))
                || DOTTED.matcher(name).matches()
                || (name.startsWith("[") && name.endsWith("]"));
    }
}
