package io.mdfuse.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The log of one writer's writes to a volume: each write before it is issued, and up to which write an fsync has
 * returned. One thread writes a log; others may read it once that thread has ended.
 *
 * <p>Its text form, which the fixtures contain: {@code S generation offset length} for a write about to be issued,
 * {@code D generation} once it returned, {@code F generation} once an fsync returned that covers it.
 */
final class WriteLog {
    /**
     * One write.
     *
     * @param generation its number, greater than that of every earlier write in this log
     * @param offsetBytes the offset in the volume, a multiple of 512
     * @param lengthBytes the length, a multiple of 512
     */
    record Write(long generation, long offsetBytes, long lengthBytes) {}

    private final List<Write> issued = new ArrayList<>();
    private long flushedGeneration;

    static WriteLog read(Path file) throws IOException {
        WriteLog log = new WriteLog();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ", -1);
            // Power was cut while the log was written too, so its last line may be incomplete.
            if (words[0].equals("S") && words.length == 4) {
                log.issue(new Write(Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])));
            } else if (words[0].equals("F") && words.length == 2) {
                log.flushed(Long.parseLong(words[1]));
            }
        }
        return log;
    }

    void issue(Write write) {
        issued.add(write);
    }

    /** Records that everything up to this generation is durable. */
    void flushed(long generation) {
        flushedGeneration = generation;
    }

    List<Write> issued() {
        return issued;
    }

    long flushedGeneration() {
        return flushedGeneration;
    }
}
