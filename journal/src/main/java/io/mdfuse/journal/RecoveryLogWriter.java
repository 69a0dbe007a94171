package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Appends to the end of the log that a crash left, during recovery and before the log is restarted: recovery logs what
 * it will write to the members first, so that recovery after a second crash finds it.
 *
 * <pre>
 *   tail                        end of the scan
 *    │ old blocks, still needed   │ appended here, sequences without a gap  │ later: the restart, sequence + 10000
 *    ▼                            ▼                                         ▼
 * </pre>
 *
 * <p>The sequences follow those of the old log without a gap, so that a scan from the old tail finds both. That is safe
 * only if no block behind the end can be taken for the continuation of an append. Blocks of a batch that a power
 * failure tore apart can. So before each append its range, and the block behind it, are searched: every block that
 * could be taken for a later one is overwritten with zeros, and the device is flushed.
 *
 * <p>Used by one thread, before any {@link Journal} writes the log.
 */
public final class RecoveryLogWriter implements AutoCloseable {
    private static final int STAGING_BYTES = 4 << 20;
    private static final int SEARCH_BYTES = 64 << 10;

    private final LogArea area;
    private final LogChecksum checksum;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment old;
    private final StagingBuffer staging;
    private long usedSectors;
    private LogPosition end;

    /**
     * Prepares to append at {@code end}; writes nothing.
     *
     * @param tailSector the tail from which the old log was scanned
     * @param end the position and the sequence of the next block: {@link ScanResult#end()}
     */
    public RecoveryLogWriter(LogArea area, LogChecksum checksum, long tailSector, LogPosition end) {
        this.area = area;
        this.checksum = checksum;
        int stagingBytes = (int) Math.min(STAGING_BYTES, Sectors.toBytes(area.sizeSectors()));
        this.old = arena.allocate(Math.min(SEARCH_BYTES, Sectors.toBytes(area.sizeSectors())), Sectors.BLOCK_BYTES);
        this.staging = new StagingBuffer(area, arena, stagingBytes, end);
        this.usedSectors = area.distance(area.isBlockSector(tailSector) ? tailSector : 0, end.sector());
        this.end = end;
    }

    /** The position and the sequence of the next block. */
    public LogPosition end() {
        return end;
    }

    /** Whether the runs fit. Two blocks always stay free: the empty block of the restart and one more. */
    public boolean hasSpaceFor(List<StripeRun> runs) {
        long sectors = RequestSize.worstCaseSectors(runs);
        return sectors <= staging.capacitySectors()
                && usedSectors + sectors + 2L * Sectors.PER_BLOCK <= area.sizeSectors();
    }

    /**
     * Appends all runs; they are durable on return.
     *
     * @throws IllegalArgumentException if a run does not have the form that {@link StripeRun} describes, or the log has
     *     no space for the runs
     * @throws DeviceException if the log can't be read, written or flushed
     */
    public void append(List<StripeRun> runs) throws DeviceException {
        RequestSize.requireValid(runs);
        if (!hasSpaceFor(runs)) {
            throw new IllegalArgumentException(
                    area.deviceName() + ": the log has no space for the records of recovery");
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

    /** Overwrites each block in {@code sectors} from the end on that could be taken for a later block of this log. */
    private void eraseSuccessors(long sectors) throws DeviceException {
        boolean erased = false;
        long piece = Sectors.floorFromBytes(old.byteSize());
        for (long ahead = 0; ahead < sectors; ahead += piece) {
            long length = Math.min(piece, sectors - ahead);
            area.readBlocks(area.add(end.sector(), ahead), old.asSlice(0, Sectors.toBytes(length)));
            for (long inPiece = 0; inPiece < length; inPiece += Sectors.PER_BLOCK) {
                erased |= eraseSuccessor(
                        area.add(end.sector(), ahead + inPiece),
                        old.asSlice(Sectors.toBytes(inPiece), Sectors.BLOCK_BYTES));
            }
        }
        if (erased) {
            area.flush();
        }
    }

    private boolean eraseSuccessor(long sector, MemorySegment block) throws DeviceException {
        boolean later = MetaBlockReader.isValid(block, sector, checksum)
                && MetaBlockReader.sequence(block) - end.sequence() >= 0;
        if (later) {
            area.write(sector, block.fill((byte) 0));
        }
        return later;
    }

    /** Frees the memory; the device stays open. */
    @Override
    public void close() {
        arena.close();
    }
}
