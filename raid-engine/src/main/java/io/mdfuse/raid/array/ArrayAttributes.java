package io.mdfuse.raid.array;

import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.recovery.Rebuild;
import io.mdfuse.raid.recovery.Resync;
import io.mdfuse.raid.recovery.SyncPace;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.writepath.JournalMode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The array's state in the words of md's sysfs directory. */
final class ArrayAttributes {
    private ArrayAttributes() {}

    static Map<String, String> of(ArrayParts parts, @Nullable WriteEngine engine) {
        Superblock superblock = parts.reference();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("array_state", arrayState(engine));
        attributes.put("level", "raid" + superblock.level());
        attributes.put("layout", parts.geometry().layout().mdName());
        attributes.put("chunk_size", Integer.toString(parts.geometry().chunkBytes()));
        attributes.put("raid_disks", Integer.toString(parts.geometry().raidDisks()));
        attributes.put("degraded", Integer.toString(parts.members().degraded()));
        attributes.put("journal_mode", journalMode(engine));
        long events =
                engine == null ? superblock.events() : engine.parts().store().events();
        attributes.put("events", Long.toString(events));
        attributes.put("uuid", superblock.setUuidText());
        attributes.put("metadata_version", superblock.metadataVersion().text());
        Resync resync = engine == null ? null : engine.resync();
        boolean resyncing = resync != null && resync.underWay();
        Rebuild rebuild = engine == null ? null : engine.memberManager().rebuild();
        boolean rebuilding = rebuild != null && rebuild.underWay();
        attributes.put("sync_action", resyncing ? "resync" : rebuilding ? "recover" : "idle");
        attributes.put(
                "sync_completed",
                rebuild != null && rebuilding ? rebuild.progress() : resync == null ? "none" : resync.progress());
        if (engine != null) {
            SyncPace pace = engine.memberManager().pace();
            attributes.put("sync_speed", Long.toString(pace.speedKibPerSecond()));
            attributes.put("sync_speed_min", Integer.toString(pace.minKibPerSecond()));
            attributes.put("sync_speed_max", Integer.toString(pace.maxKibPerSecond()));
            attributes.put("sync_trouble", rebuild == null || rebuild.trouble().isEmpty() ? "none" : rebuild.trouble());
            attributes.put("member_command", "none");
            attributes.put("member_result", engine.memberCommand().result());
            engine.memberManager().devices().describe(attributes);
        }
        for (int slot = 0; slot < parts.geometry().raidDisks(); slot++) {
            attributes.put("rd" + slot, describe(parts.members().member(slot)));
        }
        return attributes;
    }

    private static String describe(@Nullable Member member) {
        if (member == null) {
            return "missing";
        }
        return (member.inSync() ? "in_sync " : "rebuilding ") + member.name();
    }

    private static String arrayState(@Nullable WriteEngine engine) {
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
