package io.mdfuse.raid.array;

import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.MemberFigures;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The status of an array with parity, read-only or not. */
record ParityStatus(ArrayParts parts, ArrayEngine engine) implements ArrayStatus {
    @Override
    public int degraded() {
        return parts.members().degraded();
    }

    @Override
    public int failuresLeft() {
        return parts.geometry().layout().parityCount() - degraded();
    }

    @Override
    public String trouble() {
        return ArrayAttributes.trouble(parts, engine);
    }

    @Override
    public Map<String, String> attributes() {
        return ArrayAttributes.of(parts, engine);
    }

    @Override
    public List<MemberFigures> memberFigures() {
        return parts.members().figures();
    }

    @Override
    public long memberWrittenBytes() {
        return parts.members().allWrittenBytes();
    }

    @Override
    public long passWrittenBytes() {
        return parts.members().passWrittenBytes();
    }

    @Override
    public @Nullable JournalFigures journalFigures() {
        return engine.journalFigures();
    }

    @Override
    public @Nullable CacheFigures cacheFigures() {
        return engine.cacheFigures();
    }

    @Override
    public void set(String name, String value) throws IOException {
        BackgroundPasses passes = engine.passes();
        switch (name) {
            case "journal_mode" -> engine.setJournalMode(journalMode(value));
            case "member_command" -> engine.runMemberCommand(value);
            case "sync_action" -> setSyncAction(value);
            case "sync_min" -> passes.scrub().startNextFrom(SyncActions.sector(value));
            case "sync_speed_min" -> passes.paces().setMin(SyncActions.speed(value));
            case "sync_speed_max" -> passes.paces().setMax(SyncActions.speed(value));
            case "sync_max" -> passes.scrub().waitAt(value.equals("max") ? Long.MAX_VALUE : SyncActions.sector(value));
            default -> engine.setKnob(name, value);
        }
    }

    private void setSyncAction(String value) throws IOException {
        if (parts.reshape() != null) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    "a reshape is in progress, so the array has two shapes: let md complete it before a check");
        }
        SyncActions.set(engine.passes(), value);
    }

    private static JournalMode journalMode(String value) {
        return JournalMode.named(value)
                .orElseThrow(() ->
                        new IllegalArgumentException("journal_mode is write-through or write-back, not " + value));
    }
}
