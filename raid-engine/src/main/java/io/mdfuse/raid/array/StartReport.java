package io.mdfuse.raid.array;

import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.Assembly.TakenBack;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The lines that the user gets when an array is opened that has a problem: members that {@code --force} took back,
 * slots without a complete member, devices that are not used, and parity that is trusted although it may be wrong. An
 * array without a problem has no lines. {@link Redundancy} adds the last line: how many failures the array survives.
 */
final class StartReport {
    private final Assembly assembly;
    private final AssembleOptions options;
    private final DeviceText words;
    private final List<String> lines = new ArrayList<>();
    private final Set<Bystander> reported = new HashSet<>();

    private StartReport(Assembly assembly, AssembleOptions options) {
        this.assembly = assembly;
        this.options = options;
        this.words = new DeviceText(assembly);
    }

    /** The lines, without line breaks. Call before anything is written: the lines describe what was found. */
    static List<String> of(Assembly assembly, AssembleOptions options) {
        StartReport report = new StartReport(assembly, options);
        report.reportTimes();
        report.reportTakenBack();
        report.reportSlots();
        report.reportUnused();
        report.reportDoubt();
        return List.copyOf(report.lines);
    }

    private void reportTimes() {
        UpdateTimes.contradiction(assembly)
                .ifPresent(times -> lines.add("the devices were not last written together (" + times
                        + "), so their content may not belong together"));
        lines.addAll(UpdateTimes.laggards(assembly));
    }

    private void reportTakenBack() {
        for (TakenBack taken : assembly.takenBack()) {
            lines.add("slot " + taken.slot() + ": " + taken.device().name() + " is taken back by --force"
                    + (options.readOnly() ? " in memory" : "") + ", though it "
                    + DeviceText.why(taken.standing()) + " (" + words.since(taken.device())
                    + "); what was written since is missing from it");
        }
    }

    private void reportSlots() {
        Map<Integer, Bystander> fallen = words.fallenOut();
        for (int slot : assembly.missingSlots()) {
            Bystander other = fallen.get(slot);
            RebuildingDevice rebuilding = assembly.rebuilding().stream()
                    .filter(each -> each.slot() == slot && !each.replacement())
                    .findFirst()
                    .orElse(null);
            if (rebuilding != null) {
                lines.add("slot " + slot + ": " + rebuilding.device().name() + " is rebuilt to "
                        + words.percent(rebuilding)
                        + (options.readOnly()
                                ? " only; the rest comes from the others"
                                : "; its rebuild goes on in the background"));
            } else if (other != null) {
                reported.add(other);
                lines.add("slot " + slot + " has no member: " + other.device().name() + " is not used, it "
                        + words.state(other));
            } else {
                lines.add("slot " + slot + " has no member: none of the devices given is its");
            }
        }
    }

    private void reportUnused() {
        for (Bystander other : assembly.others()) {
            boolean filled = other.standing() == Standing.REBUILDING || other.standing() == Standing.REPLACEMENT;
            boolean waits = other.standing() == Standing.SPARE && !options.readOnly();
            if (!filled && !waits && reported.add(other)) {
                lines.add(words.of(other) + ": it is not used");
            } else if (other.standing() == Standing.REPLACEMENT) {
                lines.add(words.of(other) + "; it is to replace the member of that slot");
            }
        }
    }

    private void reportDoubt() {
        if (CopyLevel.of(assembly.reference()).isPresent()) {
            return;
        }
        boolean dirty = !assembly.reference().resyncOffset().isInSync();
        if (dirty
                && MissingMembers.parityInDoubt(assembly)
                && !assembly.missingSlots().isEmpty()) {
            lines.add(
                    "the array was not stopped cleanly, and its parity is taken for right: where writes were under way,"
                            + " what is solved from it may be wrong");
        }
    }
}
