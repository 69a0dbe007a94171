package io.mdfuse.raid.array;

import io.mdfuse.raid.array.MemberOutcome.Added;
import io.mdfuse.raid.array.MemberOutcome.Failed;
import io.mdfuse.raid.array.MemberOutcome.ReAdded;
import io.mdfuse.raid.array.MemberOutcome.RebuildDelay;
import io.mdfuse.raid.array.MemberOutcome.Removed;
import io.mdfuse.raid.array.MemberOutcome.Replacing;
import io.mdfuse.raid.array.MemberOutcome.UnreadContent;
import org.jspecify.annotations.Nullable;

/**
 * The sentences that users read about an outcome of a command about members.
 *
 * <p>They are made here and not in the command line tool, because that is another process: it gets the sentence as the
 * value of the attribute {@code member_result}, which like all attributes of the array is text of the engine
 * ({@link ArrayAttributes}).
 */
final class MemberOutcomeText {
    /** Why missing members are not rebuilt after {@code sync_action} = frozen. */
    static final String FROZEN = "rebuilds are frozen until sync_action is set to idle or recover";

    private MemberOutcomeText() {}

    /**
     * The attribute {@code member_result}: {@code ok} or {@code refused}, the command, and a sentence, one line each.
     *
     * @param newest null if there was no command yet; the attribute is {@code none} then
     */
    static String attribute(@Nullable MemberResult newest) {
        return switch (newest) {
            case null -> "none";
            case MemberResult.Done done -> "ok\n" + done.command() + "\n" + of(done.outcome());
            case MemberResult.Refused refused -> "refused\n" + refused.command() + "\n" + refused.why();
        };
    }

    /** One sentence without a full stop. */
    static String of(MemberOutcome outcome) {
        return switch (outcome) {
            case Added added -> "added " + added.device() + place(added);
            case ReAdded back ->
                "re-added " + back.device() + " as the member of slot " + back.slot()
                        + "; it gets what was written since it left: " + back.regions() + " regions of the bitmap"
                        + delay(back.delay());
            case Failed failed -> failed.device() + " has failed" + unread(failed.unread());
            case Removed removed -> "removed " + removed.device();
            case Replacing replacing ->
                replacing.spare() + " replaces " + replacing.member() + " as the member of slot " + replacing.slot();
        };
    }

    private static String place(Added added) {
        return added.slot().isEmpty()
                ? " as a spare" + delay(added.delay())
                : "; it is being rebuilt as the member of slot " + added.slot().getAsInt();
    }

    /** The end of a sentence; empty if the rebuild is not delayed. */
    private static String delay(RebuildDelay delay) {
        return switch (delay) {
            case RebuildDelay.None _ -> "";
            case RebuildDelay.Frozen _ -> "; no rebuild has begun: " + FROZEN;
            case RebuildDelay.After after -> "; its rebuild begins when that of " + after.device() + " is over";
            case RebuildDelay.NotBegun _ -> "; no rebuild has begun";
        };
    }

    /** The end of a sentence; empty if everything can be read. */
    private static String unread(UnreadContent unread) {
        String behind = unread.fromStripeSector().isEmpty()
                ? ""
                : "; the resync has come to sector " + unread.fromStripeSector().getAsLong() + " of "
                        + unread.memberSectors()
                        + ": behind it, what this device holds can't be read now, unless it was"
                        + " written since the mount";
        return unread.skipped()
                ? behind + "; of the stripes that the resync could not read, what this device holds can't be read now"
                : behind;
    }
}
