package io.mdfuse.device.nbd;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the server behind a URI with TLS is verified. A server that is not verified can be any machine on the way to the
 * right one: it reads what is written, and what it answers becomes the content of a member. So there is no connection
 * unless the server is verified or the URI says that it need not be.
 *
 * <pre>
 *   tls-psk-file=FILE       the server knows the key
 *   tls-verify-peer=false   the user wants no verification
 *   otherwise               its certificate is of an authority in ca-cert.pem and for the host of the URI
 * </pre>
 *
 * <p>libnbd up to 1.18.4 and 1.20.1 (CVE-2024-7383) verifies a certificate only if it finds a directory with
 * ca-cert.pem and the URI names a host; otherwise it takes any. Later ones take the system's authorities if they find
 * no directory, verify behind a socket too, and know {@code tls-verify-peer} themselves.
 *
 * @param certificates the directory to give to libnbd; null if libnbd decides
 * @param verify whether a certificate is verified
 */
record ServerTrust(@Nullable Path certificates, boolean verify) {
    private static final String VERIFY = "tls-verify-peer";
    private static final String AUTHORITY = "ca-cert.pem";
    private static final String ALLOW = ", or allow any server with " + VERIFY + "=false in the URI";

    /**
     * What is to be done before a connection.
     *
     * @param version libnbd's, such as 1.14.2
     * @param usualDirectories where libnbd looks for certificates if the URI names no directory
     * @throws NbdRefusedException if the server would not be verified and the URI does not allow that
     */
    static ServerTrust of(String uri, String version, List<Path> usualDirectories) throws NbdRefusedException {
        int schemeEnd = Math.max(0, uri.indexOf(':'));
        String scheme = uri.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        Map<String, String> words = parameters(uri);
        String wish = words.getOrDefault(VERIFY, "true");
        if (!wish.equals("true") && !wish.equals("false")) {
            throw new NbdRefusedException(VERIFY + " is true or false, not " + wish);
        }
        if (!scheme.startsWith("nbds") || words.containsKey("tls-psk-file")) {
            return new ServerTrust(null, true);
        }
        if (wish.equals("false") || verifiesAlways(version)) {
            return new ServerTrust(null, wish.equals("true"));
        }
        if (scheme.contains("+")) {
            throw new NbdRefusedException("its server can't be verified: libnbd " + version
                    + " checks no certificate behind a socket; use a key with tls-psk-file=FILE" + ALLOW);
        }
        String named = words.get("tls-certificates");
        List<Path> directories = named == null ? usualDirectories : List.of(path(named));
        for (Path directory : directories) {
            if (Files.isReadable(directory.resolve(AUTHORITY))) {
                return new ServerTrust(directory, true);
            }
        }
        throw new NbdRefusedException("its server can't be verified: there is no " + AUTHORITY + " in "
                + directories.stream().map(Path::toString).collect(Collectors.joining(" or "))
                + "; name its directory with tls-certificates=DIRECTORY" + ALLOW);
    }

    private static Path path(String name) throws NbdRefusedException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new NbdRefusedException("tls-certificates is no directory: " + e.getReason());
        }
    }

    /** Whether this version takes no certificate that it has not verified. */
    private static boolean verifiesAlways(String version) {
        String[] parts = version.split("\\.", -1);
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = Integer.parseInt(parts[1]);
            int micro = Integer.parseInt(parts[2]);
            return major > 1 || minor >= 22 || (minor == 20 && micro >= 2) || (minor == 18 && micro >= 5);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException unknown) {
            return false;
        }
    }

    /** The words behind the question mark, taken apart as libnbd does: the last of two equal ones counts. */
    private static Map<String, String> parameters(String uri) {
        Map<String, String> words = new HashMap<>();
        int hash = uri.indexOf('#');
        String address = hash < 0 ? uri : uri.substring(0, hash);
        int from = address.indexOf('?');
        String rest = from < 0 ? "" : address.substring(from + 1);
        while (!rest.isEmpty()) {
            int end = rest.indexOf('&') >= 0 ? rest.indexOf('&') : rest.indexOf(';');
            String word = end < 0 ? rest : rest.substring(0, end);
            rest = end < 0 ? "" : rest.substring(end + 1);
            int equals = word.indexOf('=');
            if (equals > 0) {
                words.put(decoded(word.substring(0, equals)), decoded(word.substring(equals + 1)));
            }
        }
        return words;
    }

    /** A plus sign stays one in a URI. What is no code for a byte stays as it is. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noCode) {
            return text;
        }
    }

    /** Where libnbd looks for certificates: for root in /etc, for others in their home. */
    static List<Path> usualDirectories() {
        String home = System.getenv("HOME");
        if (home == null || isRoot()) {
            return List.of(Path.of("/etc/pki/libnbd"));
        }
        return List.of(Path.of(home, ".pki/libnbd"), Path.of(home, ".config/pki/libnbd"));
    }

    private static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
