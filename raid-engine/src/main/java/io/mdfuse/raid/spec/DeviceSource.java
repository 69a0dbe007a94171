package io.mdfuse.raid.spec;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.nbd.NbdUri;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where the bytes of a device are. {@code toString} gives what messages show: a URI without its password. */
public sealed interface DeviceSource {
    /** What the user wrote, a password included: to be parsed again, never to be shown. */
    String text();

    /** An image file or a block device of this host. */
    record OfFile(Path file) implements DeviceSource {
        @Override
        public String text() {
            return file.toString();
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /**
     * An export of an NBD server.
     *
     * @param uri {@code nbd://HOST[:PORT]/[EXPORT]}, {@code nbds://…} with TLS, {@code nbd+unix:///[EXPORT]?socket=…}
     *     or {@code nbds+unix://…}
     */
    record OfServer(String uri) implements DeviceSource {
        private static final int HIGHEST_PORT = 65535;
        private static final Pattern SCHEME = Pattern.compile("(?i)nbds?(\\+[a-z]+)?://.*", Pattern.DOTALL);
        private static final Pattern SOCKET = Pattern.compile("(.*&)?socket=(/|%2[Ff]).*");

        /** Whether the text begins like such a URI, so that it is no path. */
        static boolean isMeantBy(String text) {
            return SCHEME.matcher(text).matches();
        }

        /** The same text with its scheme in small letters, if it begins like such a URI: libnbd takes no other. */
        static String normal(String text) {
            int end = isMeantBy(text) ? text.indexOf(':') : 0;
            return text.substring(0, end).toLowerCase(Locale.ROOT) + text.substring(end);
        }

        /** @throws DeviceOpenException if the text is no such URI; one line says what is wrong */
        static OfServer parse(String text) throws DeviceOpenException {
            String shown = NbdUri.withoutPassword(text);
            URI uri;
            try {
                uri = new URI(text);
            } catch (URISyntaxException e) {
                throw new DeviceOpenException(shown, "is no URI: " + e.getReason() + " at character " + e.getIndex());
            }
            if (uri.getPort() == 0 || uri.getPort() > HIGHEST_PORT) {
                // The resolver would take another port: the lower 16 bits of the number.
                throw new DeviceOpenException(
                        shown, "names no port: " + uri.getPort() + " is not between 1 and " + HIGHEST_PORT);
            }
            if (uri.getRawFragment() != null) {
                // libnbd would ask for the export whose name ends before the #.
                throw new DeviceOpenException(shown, "has a #: write %23 if the name of the export has one");
            }
            String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
            switch (uri.getScheme()) {
                case "nbd", "nbds" -> {
                    if (uri.getHost() == null) {
                        throw new DeviceOpenException(
                                shown, "names no host: write " + uri.getScheme() + "://HOST:PORT/EXPORT");
                    }
                }
                case "nbd+unix", "nbds+unix" -> {
                    if (uri.getRawAuthority() != null && uri.getHost() != null) {
                        throw new DeviceOpenException(
                                shown, "a socket is on this host: write " + uri.getScheme() + ":///EXPORT?socket=PATH");
                    }
                    if (!SOCKET.matcher(query).matches()) {
                        throw new DeviceOpenException(
                                shown,
                                "names no socket by an absolute path: write " + uri.getScheme()
                                        + ":///EXPORT?socket=/PATH");
                    }
                }
                default ->
                    throw new DeviceOpenException(
                            shown, "is served by none of nbd://, nbds://, nbd+unix:// and nbds+unix://");
            }
            return new OfServer(text);
        }

        @Override
        public String text() {
            return uri;
        }

        @Override
        public String toString() {
            return NbdUri.withoutPassword(uri);
        }
    }
}
