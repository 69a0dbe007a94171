package io.mdfuse.raid.array;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.MismatchText;
import io.mdfuse.raid.writepath.JournalMode;
import io.mdfuse.raid.writepath.Journaled;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The array's state in the words of md's sysfs directory. */
final class ArrayAttributes {
    private ArrayAttributes() {}

    static Map<String, String> of(ArrayParts parts, @Nullable WriteEngine engine, BackgroundPasses passes) {
        Superblock superblock = parts.reference();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("array_state", arrayState(parts, engine));
        String trouble = trouble(parts, engine);
        attributes.put("array_trouble", trouble.isEmpty() ? "none" : trouble);
        attributes.put("level", "raid" + superblock.level());
        attributes.put("layout", parts.geometry().layout().mdName());
        attributes.put("chunk_size", Integer.toString(parts.geometry().chunkBytes()));
        attributes.put("logical_block_size", Integer.toString(superblock.logicalBlockBytes()));
        attributes.put("raid_disks", Integer.toString(parts.geometry().raidDisks()));
        attributes.put("degraded", Integer.toString(parts.members().degraded()));
        attributes.put(
                "consistency_policy",
                ConsistencyPolicy.of(asItIsNow(parts, engine)).mdName());
        attributes.put("feature_map", String.format(Locale.ROOT, "0x%x", featureMap(parts, engine)));
        attributes.put("journal_mode", journalMode(engine));
        Journaled journaled = engine == null ? null : engine.journaled();
        if (journaled != null) {
            attributes.put("stripe_cache_size", Integer.toString(journaled.stripeCacheSize()));
            attributes.put("stripe_cache_active", Integer.toString(journaled.stripeCacheActive()));
        }
        long events =
                engine == null ? superblock.events() : engine.parts().store().events();
        attributes.put("events", Long.toString(events));
        attributes.put("uuid", superblock.setUuidText());
        Superblock now = engine == null ? superblock : engine.parts().store().anyMember();
        attributes.put("name", superblock.setName());
        attributes.put("creation_time", Long.toString(superblock.ctimeSeconds()));
        attributes.put("update_time", Long.toString(now.utimeSeconds()));
        attributes.put("component_size", Long.toString(parts.geometry().memberSectors() / 2));
        attributes.put("metadata_version", superblock.metadataVersion().text());
        SyncActions.tell(attributes, new MismatchText(parts.geometry(), parts.members()), passes);
        if (engine != null) {
            attributes.put("member_command", "none");
            attributes.put("member_result", engine.memberCommand().result());
            engine.memberManager().devices().describe(attributes);
        }
        for (int slot = 0; slot < parts.geometry().raidDisks(); slot++) {
            Member member = parts.members().member(slot);
            attributes.put("rd" + slot, describe(member));
            if (member != null) {
                attributes.put("rd" + slot + "_errors_corrected", Long.toString(member.correctedErrors()));
                if (member.badBlocks().hasLog()) {
                    attributes.put("rd" + slot + "_bad_blocks", badBlocks(member));
                }
            }
        }
        return attributes;
    }

    /**
     * As md's bad_blocks: a line for each range, {@code sector length}, by its place on the device; none is no line.
     */
    private static String badBlocks(Member member) {
        return member.badBlocks().ranges().stream().map(BadRange::text).collect(Collectors.joining("\n"));
    }

    private static String describe(@Nullable Member member) {
        if (member == null) {
            return "missing";
        }
        return (member.inSync() ? "in_sync " : "rebuilding ") + member.name();
    }

    /** Of a read-only array: as it was found, although a journal may be left out. */
    private static Superblock asItIsNow(ArrayParts parts, @Nullable WriteEngine engine) {
        return engine == null ? parts.reference() : engine.parts().store().anyMember();
    }

    private static int featureMap(ArrayParts parts, @Nullable WriteEngine engine) {
        return asItIsNow(parts, engine).featureMap() & ~Features.PER_DEVICE;
    }

    /** Why nothing can be written any more; empty if something can. It never waits. */
    static String trouble(ArrayParts parts, @Nullable WriteEngine engine) {
        if (parts.members().isBroken()) {
            return parts.members().whyBroken() + "; nothing is written any more";
        }
        Journal journal = engine == null ? null : engine.parts().journal();
        return journal != null && journal.failed()
                ? journal.whyFailed() + "; nothing can be written: unmount, and mount with --drop-journal"
                : "";
    }

    /** md's words; {@code broken} since Linux 5.4. */
    private static String arrayState(ArrayParts parts, @Nullable WriteEngine engine) {
        if (parts.members().isBroken()) {
            return "broken";
        }
        if (engine == null) {
            return "readonly";
        }
        return engine.parts().dirtyMarker().isDirty() ? "active" : "clean";
    }

    private static String journalMode(@Nullable WriteEngine engine) {
        JournalMode mode = engine == null ? null : engine.journalMode();
        return mode == null ? "none" : mode.mdName();
    }
}
