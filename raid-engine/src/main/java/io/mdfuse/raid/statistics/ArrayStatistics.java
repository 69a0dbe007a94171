package io.mdfuse.raid.statistics;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of an open array's statistics. Each figure is right for itself; they are read one after another while
 * requests run, so they are not of one moment.
 *
 * @param ageNanos since when the array is open
 * @param operations the requests of the volume, by their kind; each kind is there
 * @param members the members that are in use, in slot order
 * @param journal null if the array has no journal, or is read-only
 * @param cache null if the array has no journal, or is read-only
 */
public record ArrayStatistics(
        long ageNanos,
        Map<OperationKind, OperationFigures> operations,
        List<MemberFigures> members,
        WrittenFigures written,
        @Nullable JournalFigures journal,
        @Nullable CacheFigures cache) {}
