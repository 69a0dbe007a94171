package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathBytesTest {
    /** A file name whose bytes in ISO 8859-1 are neither valid UTF-8 nor ASCII. */
    private static final String LATIN_NAME = "w\u00fc%25 x";

    @TempDir
    Path folder;

    @Test
    void bytesThatAreNotTextNameTheSameFileInBothDirections() throws IOException {
        byte[] latin = (folder + "/" + LATIN_NAME).getBytes(StandardCharsets.ISO_8859_1);
        Path path = PathBytes.toPath(latin);
        Files.createFile(path);
        assertArrayEquals(latin, PathBytes.of(path));
        int descriptor = LinuxCalls.open(path, 0);
        assertTrue(descriptor >= 0);
        LinuxCalls.close(descriptor);
        Files.delete(path);
        assertEquals(-Errno.ENOENT, LinuxCalls.open(path, 0));
        assertEquals(PathBytes.CHARSET.equals(StandardCharsets.ISO_8859_1), PathBytes.isText(latin));
    }

    @Test
    void textIsConvertedToItsBytesAndARelativeNameStaysRelative() {
        assertArrayEquals("a/b.img".getBytes(StandardCharsets.US_ASCII), PathBytes.of(Path.of("a/b.img")));
        assertEquals(Path.of("/a b/%41"), PathBytes.toPath("/a b/%41".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(Path.of("/"), PathBytes.toPath(new byte[] {'/'}));
        assertFalse(PathBytes.toPath("//a".getBytes(StandardCharsets.US_ASCII)).equals(Path.of("a")));
        assertEquals(Path.of(""), PathBytes.toPath(new byte[0]));
    }

    @Test
    void theBytesOfADirectorysPathDoNotEndInASlash() throws IOException {
        byte[] latin = (folder + "/" + LATIN_NAME).getBytes(StandardCharsets.ISO_8859_1);
        Path directory = Files.createDirectory(PathBytes.toPath(latin));
        assertArrayEquals(latin, PathBytes.of(directory));
    }
}
