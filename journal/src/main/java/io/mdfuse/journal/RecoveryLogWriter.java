package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Goes on with a log that a crash has left, before it is started anew: what recovery makes up its mind to write is laid
 * down at the log's end first, so that a second crash finds it there.
 *
 * <pre>
 *   tail                        end of the scan
 *    │ old blocks, still needed   │ appended here, sequence by sequence     │ later: the restart, 10000 sequences on
 *    ▼                            ▼                                         ▼
 * </pre>
 *
 * <p>The sequences follow those of the old log without a gap, so that a scan from the old tail brings up both. That is
 * safe only if nothing behind the end looks like the continuation of what is appended. Blocks of a batch that power
 * tore apart may: so before each append the place where it goes, and the block behind it, are looked through, and what
 * could be taken for a later block is overwritten with zeros, flushed.
 *
 * <p>Used by one thread, while nobody writes the log in any other way.
 */
public final class RecoveryLogWriter implements AutoCloseable {
    private static final int STAGING_BYTES = 4 << 20;

    private final LogArea area;
    private final LogChecksum checksum;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment old;
    private final StagingBuffer staging;
    private long usedSectors;
    private LogPosition end;

    /**
     * Goes on at {@code end}.
     *
     * @param tailSector where the old log begins
     * @param end where its next block would go, and the sequence it would have: {@link ScanResult#end()}
     */
    public RecoveryLogWriter(LogArea area, LogChecksum checksum, long tailSector, LogPosition end) {
        this.area = area;
        this.checksum = checksum;
        int stagingBytes = (int) Math.min(STAGING_BYTES, Sectors.toBytes(area.sizeSectors()));
        this.old = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
        this.staging = new StagingBuffer(area, arena, stagingBytes, end);
        this.usedSectors = area.distance(area.isBlockSector(tailSector) ? tailSector : 0, end.sector());
        this.end = end;
    }

    /** Where the log ends now, and the sequence that its next block would have. */
    public LogPosition end() {
        return end;
    }

    /** Whether these runs fit; a place for the empty block of the restart, and one block more, stay free. */
    public boolean hasSpaceFor(List<StripeRun> runs) {
        long sectors = RequestSize.worstCaseSectors(runs);
        return sectors <= staging.capacitySectors()
                && usedSectors + sectors + 2L * Sectors.PER_BLOCK <= area.sizeSectors();
    }

    /**
     * Lays down all runs; they are durable on return.
     *
     * @throws IllegalArgumentException where the runs are unsound, or there is no room for them
     */
    public void append(List<StripeRun> runs) throws DeviceException {
        RequestSize.requireValid(runs);
        if (!hasSpaceFor(runs)) {
            throw new IllegalArgumentException(
                    area.deviceName() + ": the log has no room for what recovery has to say");
        }
        staging.begin(end);
        staging.appendRuns(runs, RunChecksums.of(runs, checksum));
        staging.seal(checksum);
        eraseSuccessors(staging.lengthSectors() + Sectors.PER_BLOCK);
        staging.writeTo(area);
        area.flush();
        usedSectors += staging.lengthSectors();
        end = staging.end();
    }

    /** Overwrites what could be taken for a later block of this log in so many sectors from the end on. */
    private void eraseSuccessors(long sectors) throws DeviceException {
        boolean erased = false;
        for (long ahead = 0; ahead < sectors; ahead += Sectors.PER_BLOCK) {
            long sector = area.add(end.sector(), ahead);
            area.readBlocks(sector, old);
            boolean later = MetaBlockReader.isValid(old, sector, checksum)
                    && MetaBlockReader.sequence(old) - end.sequence() >= 0;
            if (later) {
                area.write(sector, old.fill((byte) 0));
                erased = true;
            }
        }
        if (erased) {
            area.flush();
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
