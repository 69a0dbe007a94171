package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.journal.MetaBlockLayout;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.PplHeader;
import io.mdfuse.raid.superblock.Superblock090;
import io.mdfuse.raid.superblock.SuperblockLayout;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/on-disk-format.md} agrees with the codecs: each offset in its tables is a constant of a codec. */
class OnDiskFormatPageTest {
    private static final Pattern ROW = Pattern.compile("\\| (0x[0-9a-f]+|\\d+) \\| [^|]+ \\| `([A-Z0-9_]+)` \\|.*");

    @Test
    void superblockTableNamesTheCodecsOffsets() throws IOException, ReflectiveOperationException {
        assertTableMatches("## The superblock, version 1", SuperblockLayout.class, 40);
    }

    @Test
    void oldSuperblockTableNamesTheCodecsOffsets() throws IOException, ReflectiveOperationException {
        assertTableMatches("## The superblock, version 0.90", Superblock090.class, 20);
    }

    @Test
    void metaBlockTableNamesTheCodecsOffsets() throws IOException, ReflectiveOperationException {
        assertTableMatches("## The journal", MetaBlockLayout.class, 6);
    }

    @Test
    void bitmapTableNamesTheCodecsOffsets() throws IOException, ReflectiveOperationException {
        assertTableMatches("## The write-intent bitmap", BitmapSuperblock.class, 12);
    }

    @Test
    void partialParityTableNamesTheCodecsOffsets() throws IOException, ReflectiveOperationException {
        assertTableMatches("## The partial parity log", PplHeader.class, 5);
    }

    private static void assertTableMatches(String heading, Class<?> layout, int leastRows)
            throws IOException, ReflectiveOperationException {
        Map<String, Integer> rows = rowsUnder(heading);
        assertTrue(rows.size() >= leastRows, () -> "rows under " + heading + ": " + rows);
        for (Map.Entry<String, Integer> row : rows.entrySet()) {
            Field constant = layout.getDeclaredField(row.getKey());
            constant.setAccessible(true);
            assertEquals(constant.getInt(null), row.getValue(), row.getKey());
        }
    }

    private static Map<String, Integer> rowsUnder(String heading) throws IOException {
        Map<String, Integer> rows = new HashMap<>();
        boolean inside = false;
        for (String line : Files.readAllLines(Project.root().resolve("docs/on-disk-format.md"))) {
            inside = line.startsWith("## ") ? line.startsWith(heading) : inside;
            Matcher row = ROW.matcher(line);
            if (inside && row.matches()) {
                rows.put(row.group(2), Integer.decode(row.group(1)));
            }
        }
        return rows;
    }
}
