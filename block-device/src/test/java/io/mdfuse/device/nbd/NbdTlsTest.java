package io.mdfuse.device.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.DeviceOpenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers with TLS: real ones, whose certificates the tests make, and the rule for each version of libnbd. */
@Timeout(60)
class NbdTlsTest {
    private static final NbdPatience SHORT =
            new NbdPatience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));
    private static final String OLD = "1.14.2";

    @TempDir
    private Path directory;

    private void openssl(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-days", "2"));
        command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.log").toFile())
                .start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(directory.resolve("openssl.log")));
    }

    /** A directory with an authority, and a certificate by it for a server of this name. */
    private Path authority(String name, String host) throws IOException, InterruptedException {
        Path made = Files.createDirectory(directory.resolve(name));
        String certificate = made.resolve("ca-cert.pem").toString();
        String key = made.resolve("ca-key.pem").toString();
        openssl("-subj", "/CN=" + name, "-keyout", key, "-out", certificate);
        String serverKey = made.resolve("server-key.pem").toString();
        String server = made.resolve("server-cert.pem").toString();
        String names = "subjectAltName=DNS:" + host;
        openssl(
                "-subj",
                "/CN=" + host,
                "-addext",
                names,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                certificate,
                "-CAkey",
                key,
                "-keyout",
                serverKey,
                "-out",
                server);
        return made;
    }

    private static String refusal(String uri) {
        DeviceOpenException refusal =
                assertThrows(DeviceOpenException.class, () -> NbdDevice.open(uri, Access.READ_ONLY, SHORT), uri);
        String line = String.valueOf(refusal.getMessage());
        assertEquals(-1, line.indexOf('\n'), line);
        return line;
    }

    @Test
    void onlyAServerOfTheNamedAuthorityAndHostIsUsed() throws Exception {
        Path right = authority("right", "localhost");
        Path other = authority("other", "localhost");
        Path nothing = Files.createDirectory(directory.resolve("nothing"));
        try (NbdServer server = NbdServer.nbdkitOnPort(
                directory.resolve("server"), "--tls=require", "--tls-certificates=" + right, "memory", "1M")) {
            String uri = server.uri().replace("nbd:", "nbds:");
            String by = uri + "?tls-certificates=";
            NbdDevice.open(by + right, Access.READ_ONLY, SHORT).close();
            assertTrue(refusal(by + other).contains("ertificate"), () -> refusal(by + other));
            assertTrue(refusal((by + right).replace("localhost", "127.0.0.1")).contains("ertificate"));
            String unknown = refusal(by + nothing);
            assertTrue(unknown.contains("can't be verified") && unknown.contains("tls-verify-peer=false"), unknown);
            for (String allowed : List.of(by + nothing, by + other, by + right)) {
                NbdDevice.open(allowed + "&tls-verify-peer=false", Access.READ_ONLY, SHORT)
                        .close();
            }
        }
    }

    private ServerTrust trust(String uri, String version) throws NbdRefusedException {
        return ServerTrust.of(uri, version, List.of(directory));
    }

    private void assertRefused(String uri, String version, String why) {
        NbdRefusedException refusal = assertThrows(NbdRefusedException.class, () -> trust(uri, version), uri);
        assertTrue(String.valueOf(refusal.getMessage()).contains(why), refusal::getMessage);
    }

    @Test
    void whatNoVersionVerifiesIsRefused() throws Exception {
        ServerTrust libraryDecides = new ServerTrust(null, true);
        assertEquals(libraryDecides, trust("nbd://host/x", OLD));
        assertRefused("nbds://host/x", OLD, directory.toString());
        assertRefused("nbds://host", "1.20.1", "ca-cert.pem");
        assertRefused("nbds://host", "unknown", "ca-cert.pem");
        assertRefused("nbds+unix:///x?socket=/s", OLD, "behind a socket");
        assertRefused("NBDS://host/?tls-verify-peer=no", OLD, "true or false");
        for (String later : List.of("1.18.5", "1.20.2", "1.22.0", "2.0.0")) {
            assertEquals(libraryDecides, trust("nbds://host", later));
            assertEquals(libraryDecides, trust("nbds+unix:///x?socket=/s", later));
        }
        Files.createFile(directory.resolve("ca-cert.pem"));
        assertEquals(new ServerTrust(directory, true), trust("nbds://host/x", OLD));
        assertRefused("nbds+unix:///x?socket=/s", OLD, "behind a socket");
        assertRefused("nbds://host/x?tls-certificates=/nowhere", OLD, "/nowhere");
        assertRefused("nbds://host/x?tls-certificates=%00", OLD, "no directory");
    }

    @Test
    void whatTheUriAllowsIsUsed() throws Exception {
        assertEquals(new ServerTrust(null, false), trust("nbds://host/?tls-verify-peer=false", OLD));
        assertEquals(new ServerTrust(null, false), trust("nbds+unix:///?socket=/s&tls-verify-peer=false", "1.22.1"));
        assertEquals(new ServerTrust(null, true), trust("nbds+unix:///?socket=/s&tls-psk-file=/keys", OLD));
        // As libnbd takes a URI apart: no parameters behind #, and semicolons only without ampersands.
        assertRefused("nbds://host/#?tls-verify-peer=false", OLD, "can't be verified");
        assertRefused("nbds://host/?a=1;tls-verify-peer=false&b=2", OLD, "can't be verified");
        assertEquals(new ServerTrust(null, false), trust("nbds://host/?a=1;tls%2Dverify-peer=false", OLD));
    }
}
