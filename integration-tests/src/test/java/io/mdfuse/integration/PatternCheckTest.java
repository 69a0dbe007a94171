package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the check of the crash tests on a plain file: it must find each kind of damage, and none if there is none.
 */
class PatternCheckTest {
    private static final long VOLUME_BYTES = 4 << 20;
    private static final WorkPattern PATTERN = new WorkPattern(42);

    private Path volume = Path.of("");

    @BeforeEach
    void filledVolume() throws IOException {
        volume = Files.createTempFile("mdfuse-volume", ".img");
        Images.sparse(volume, VOLUME_BYTES);
        PatternWriter.fill(volume, PATTERN);
    }

    @AfterEach
    void removeVolume() throws IOException {
        Files.delete(volume);
    }

    @Test
    void aVolumeThatKeptEverythingIsSound() throws IOException {
        AtomicLong generations = new AtomicLong(1);
        PatternCheck check = new PatternCheck(PATTERN, VOLUME_BYTES);
        for (int round = 0; round < 3; round++) {
            PatternWriter first = writer(generations, 512, 0);
            PatternWriter second = writer(generations, 4096, 1);
            first.run();
            second.run();
            assertNull(first.stoppedBy());
            PatternCheck.Findings findings = check.check(volume, List.of(first.log(), second.log()));
            assertTrue(findings.sound(), findings::toString);
            assertEquals(VOLUME_BYTES / 512, findings.sectors());
        }
    }

    @Test
    void aFlushedWriteThatIsGoneIsLost() throws IOException {
        PatternCheck.Findings findings = check(log(1, 8192, 4096, 1));
        assertEquals(8, findings.lost());
        assertEquals(0, findings.foreign());
    }

    @Test
    void aWriteThatWasNotFlushedMayBeGoneOrThere() throws IOException {
        assertTrue(check(log(1, 8192, 4096, 0)).sound());
        put(8192, 4096, 1);
        assertTrue(check(log(1, 8192, 4096, 0)).sound());
    }

    @Test
    void whatWasOnceSeenMayNotGrowOlder() throws IOException {
        PatternCheck check = new PatternCheck(PATTERN, VOLUME_BYTES);
        put(8192, 4096, 1);
        assertTrue(check.check(volume, List.of(log(1, 8192, 4096, 0))).sound());
        put(8192, 4096, 0);
        assertEquals(8, check.check(volume, List.of()).lost());
    }

    @Test
    void halfABlockIsTorn() throws IOException {
        put(8192, 2048, 1);
        PatternCheck.Findings findings = check(log(1, 8192, 4096, 0));
        assertEquals(1, findings.tornBlocks());
        assertEquals(0, findings.lost());
    }

    @Test
    void otherContentIsForeign() throws IOException {
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) 0xff}), 1000);
        }
        assertEquals(1, check().foreign());
        ByteBuffer misplaced = ByteBuffer.allocate(512);
        PATTERN.fill(misplaced, 512, 0);
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.WRITE)) {
            channel.write(misplaced.flip(), 5120);
        }
        assertEquals(2, check().foreign());
    }

    private PatternCheck.Findings check(WriteLog... logs) throws IOException {
        return new PatternCheck(PATTERN, VOLUME_BYTES).check(volume, List.of(logs));
    }

    private PatternWriter writer(AtomicLong generations, int alignmentBytes, int index) {
        PatternWriter.Style style = new PatternWriter.Style(alignmentBytes, 3, 20);
        return new PatternWriter(volume, PATTERN, style, generations, index, 2, 1);
    }

    private static WriteLog log(long generation, long offsetBytes, long lengthBytes, long flushed) {
        WriteLog log = new WriteLog();
        log.issue(new WriteLog.Write(generation, offsetBytes, lengthBytes));
        log.flushed(flushed);
        return log;
    }

    private void put(long offsetBytes, int lengthBytes, long generation) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(lengthBytes);
        PATTERN.fill(buffer, offsetBytes, generation);
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.WRITE)) {
            channel.write(buffer.flip(), offsetBytes);
        }
    }
}
