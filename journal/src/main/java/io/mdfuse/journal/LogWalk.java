package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One walk of a {@link JournalScanner}: its position, and what it has found so far. Used by one thread. */
final class LogWalk {
    /**
     * How many blocks behind a lost block are searched: 16 MiB. One meta block has at most 203 pages, and a batch that
     * a power failure tears apart is shorter than 16 MiB. With a search of the whole ring every mount would read all of
     * a large journal.
     */
    private static final long MAX_BLOCKS_SKIPPED = 4096;

    private final LogArea area;
    private final LogChecksum checksum;
    private final LogReadAhead log;
    private final long startSector;
    private final boolean searchGaps;
    private final List<Long> damagedPages = new ArrayList<>();

    private long walkedSectors;
    private long blocks;
    private long pages;
    private @Nullable LogPosition malformed;

    LogWalk(LogArea area, LogChecksum checksum, LogReadAhead log, long startSector, boolean searchGaps) {
        this.area = area;
        this.checksum = checksum;
        this.log = log;
        this.startSector = startSector;
        this.searchGaps = searchGaps;
    }

    ScanResult walk(BlockVisitor visitor) throws IOException {
        MetaBlock block = readMetaBlock(startSector, null);
        if (block == null) {
            return result(false, malformed == null ? new LogPosition(startSector, 0) : malformed, null);
        }
        while (true) {
            boolean[] intact = verifyPages(block);
            boolean atTail = walkedSectors == 0;
            walkedSectors += block.lengthSectors();
            LogPosition next = block.next(area);
            MetaBlock successor = readMetaBlock(next.sector(), next);
            boolean gap = searchGaps && successor == null && malformed == null;
            if (gap) {
                successor = findNextBlock(next);
            }
            boolean followed = successor != null || malformed != null;
            if (endsDamaged(intact) && !followed && !atTail) {
                return result(true, block.position(), block.toScannedBlock(area, intact));
            }
            count(block, intact);
            visitor.visit(block.toScannedBlock(area, intact));
            if (successor == null) {
                return result(true, next, null);
            }
            if (gap) {
                visitor.gap(new ScannedGap(next, successor.position()));
            }
            block = successor;
        }
    }

    /** The first block behind a lost one that belongs to this log, or null. The walk continues with that block. */
    private @Nullable MetaBlock findNextBlock(LogPosition lost) throws DeviceException {
        long beforeSearch = walkedSectors;
        long sector = lost.sector();
        for (long blocksSkipped = 1;
                blocksSkipped <= MAX_BLOCKS_SKIPPED && walkedSectors + 2L * Sectors.PER_BLOCK <= area.sizeSectors();
                blocksSkipped++) {
            sector = area.add(sector, Sectors.PER_BLOCK);
            walkedSectors += Sectors.PER_BLOCK;
            MemorySegment memory = log.block(sector);
            if (MetaBlockReader.isValid(memory, sector, checksum)) {
                long newerBy = MetaBlockReader.sequence(memory) - lost.sequence();
                if (newerBy > 0 && newerBy <= blocksSkipped && newerBy < LogPosition.RESTART_SEQUENCE_GAP) {
                    return readMetaBlock(sector, new LogPosition(sector, lost.sequence() + newerBy));
                }
            }
        }
        walkedSectors = beforeSearch;
        return null;
    }

    /**
     * Reads the valid meta block at {@code sector} that has the sequence of {@code expected}, or any sequence if
     * {@code expected} is null. Returns null if there is none, if it is malformed (then {@link #malformed} is set), or
     * if the walk has gone once around the ring.
     */
    private @Nullable MetaBlock readMetaBlock(long sector, @Nullable LogPosition expected) throws DeviceException {
        if (walkedSectors + Sectors.PER_BLOCK > area.sizeSectors()) {
            return null;
        }
        MemorySegment memory = log.block(sector);
        if (!MetaBlockReader.isValid(memory, sector, checksum)) {
            return null;
        }
        if (expected != null && MetaBlockReader.sequence(memory) != expected.sequence()) {
            return null;
        }
        MetaBlock block = MetaBlockReader.parse(memory);
        // A block whose pages reach around the ring to the tail can't have been written by an append.
        if (block == null || walkedSectors + block.lengthSectors() > area.sizeSectors()) {
            malformed = new LogPosition(sector, MetaBlockReader.sequence(memory));
            return null;
        }
        return block;
    }

    private boolean[] verifyPages(MetaBlock block) throws DeviceException {
        boolean[] intact = new boolean[block.pageCount()];
        for (int page = 0; page < intact.length; page++) {
            int stored = block.pageChecksums().get(page);
            intact[page] = checksum.page(log.block(block.pageSector(area, page))) == stored;
        }
        return intact;
    }

    private static boolean endsDamaged(boolean[] intact) {
        return intact.length > 0 && !intact[intact.length - 1];
    }

    private void count(MetaBlock block, boolean[] intact) {
        blocks++;
        pages += intact.length;
        for (int page = 0; page < intact.length; page++) {
            if (!intact[page]) {
                damagedPages.add(block.pageSector(area, page));
            }
        }
    }

    private ScanResult result(boolean tailValid, LogPosition end, @Nullable ScannedBlock tornEnd) {
        return new ScanResult(tailValid, end, blocks, pages, List.copyOf(damagedPages), tornEnd, malformed);
    }
}
