package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The bad-block lists of the members of an array that is being opened: which blocks count as bad, and what the user
 * loses by that. The result of reading a listed block:
 *
 * <pre>
 *                              parity can replace it                      parity can't replace it
 *   no option                  it is solved from the other members        the read fails
 *   --read-only --force        it is solved from the other members        the member's content
 *   --ignore-bad-block-lists   the member's content                       the member's content
 * </pre>
 *
 * With {@code --ignore-bad-block-lists}, {@link #withoutLists} removes the lists from the superblocks before any list
 * is read, so that a list that can't be parsed can be ignored too.
 */
final class ListedBadBlocks {
    private static final int MOST_RANGES_REPORTED = 4;

    private final ArrayGeometry geometry;
    private final UnreadableSectors unreadable;
    private final boolean readOnly;
    private final boolean readsUnreplaceable;
    private final List<@Nullable FoundDevice> members;
    private final List<BadBlockSurvey.Slot> slots = new ArrayList<>();
    private final List<FoundDevice> replacements = new ArrayList<>();
    private final Map<Integer, BadBlockLog> logs = new TreeMap<>();
    private final Map<Integer, BadBlocks> inForce = new TreeMap<>();
    private final List<String> flaws = new ArrayList<>();

    /**
     * Reads the lists of all members, including members that are being rebuilt.
     *
     * @throws ArrayRefusedException if a list can't be parsed
     */
    ListedBadBlocks(ArrayGeometry geometry, Assembly assembly, AssembleOptions options) throws ArrayRefusedException {
        this.unreadable = new UnreadableSectors(new ShortDevices(assembly));
        this.readOnly = options.readOnly();
        this.geometry = geometry;
        this.members = new ArrayList<>(assembly.slots());
        for (FoundDevice member : members) {
            slots.add(slot(member, RecoveryPosition.inSync()));
        }
        for (Assembly.RebuildingDevice rebuilding : assembly.rebuilding()) {
            BadBlockSurvey.Slot slot = slot(rebuilding.device(), rebuilding.recovery());
            if (!rebuilding.replacement()) {
                members.set(rebuilding.slot(), rebuilding.device());
                slots.set(rebuilding.slot(), slot);
            } else {
                replacements.add(rebuilding.device());
            }
        }
        BadBlockSurvey survey = new BadBlockSurvey(geometry, slots);
        this.readsUnreplaceable = options.readOnly() && options.force() && !survey.allReplaceable();
        if (readsUnreplaceable) {
            keepReplaceableOnly(survey);
        }
    }

    /** Removes the blocks that parity can't replace from the lists in force, so that they can be read. */
    private void keepReplaceableOnly(BadBlockSurvey survey) {
        for (int number = 0; number < slots.size(); number++) {
            FoundDevice member = members.get(number);
            BadBlocks blocks = slots.get(number).blocks();
            if (member != null && blocks != null && !blocks.isEmpty()) {
                inForce.put(member.superblock().deviceNumber(), unreadable.with(member, survey.replaceable(number)));
            }
        }
    }

    private BadBlockSurvey.Slot slot(@Nullable FoundDevice member, RecoveryPosition recovery)
            throws ArrayRefusedException {
        if (member == null) {
            return new BadBlockSurvey.Slot(null, 0, RecoveryPosition.none());
        }
        BadBlockLog log = BadBlockLog.of(member).orElse(null);
        BadBlocks blocks = log == null ? BadBlocks.withoutLog() : log.badBlocks();
        int number = member.superblock().deviceNumber();
        inForce.put(number, blocks);
        if (log != null) {
            logs.put(number, log);
            if (log.emptyEntries() > 0) {
                flaws.add(member.name() + ": " + log.emptyEntries() + " entries of its bad-block list have length 0"
                        + " (mdadm before 4.5 leaves such); they count as none, and Linux from 6.7"
                        + " on refuses the device"
                        + " until it was mounted here for writing");
            }
        }
        if (readOnly && unreadable.isIn(member)) {
            blocks = unreadable.with(member, blocks);
            inForce.put(number, blocks);
        }
        return new BadBlockSurvey.Slot(blocks, member.superblock().dataOffsetSectors(), recovery);
    }

    private String described(FoundDevice member, BadBlocks blocks, long lostSectors) {
        String begin = member.name() + ": " + blocks.sectors() + " sectors are "
                + (unreadable.isIn(member) ? "missing, not read or " : "") + "listed as bad; ";
        if (lostSectors == 0) {
            return begin + "their content is solved from the other members";
        }
        long solved = blocks.sectors() - lostSectors;
        return begin + (solved == 0 ? "" : solved + " of them are solved from the other members, ")
                + (solved == 0 ? "none of them can be solved" : lostSectors + " can't be")
                + ", since too many other members list or lack the"
                + " same blocks: "
                + (readsUnreplaceable && !unreadable.isIn(member)
                        ? "reads return what the device contains there"
                        : "reads of them fail");
    }

    private Optional<String> lostRanges(BadBlockSurvey survey) {
        Map<Long, Long> ranges = survey.lostVolumeRanges(MOST_RANGES_REPORTED + 1);
        if (survey.allReplaceable() || ranges.isEmpty()) {
            return Optional.empty();
        }
        String where = ranges.entrySet().stream()
                .limit(MOST_RANGES_REPORTED)
                .map(range -> range.getValue() + " bytes at " + range.getKey())
                .collect(Collectors.joining(", "));
        boolean cut = members.stream().anyMatch(member -> member != null && unreadable.isIn(member));
        String more = ranges.size() > MOST_RANGES_REPORTED ? ", and more" : "";
        String begin = "of the volume, " + where + more;
        if (cut) {
            return Optional.of(begin
                    + " are in parts that are missing, were not read, or are listed as bad, and can't be solved: reads"
                    + " of them fail");
        }
        return Optional.of(
                readsUnreplaceable
                        ? begin
                                + " are read from the members because of --force, although the lists of bad blocks say"
                                + " that their content is lost: it may be anything"
                        : begin
                                + " can't be read, as the lists of bad blocks say; if the devices are sound there,"
                                + " mount with --ignore-bad-block-lists");
    }

    /** The member's bad-block list that is in force. */
    BadBlocks of(FoundDevice member) {
        return inForce.getOrDefault(member.superblock().deviceNumber(), BadBlocks.withoutLog());
    }

    /** The bad-block logs on the devices that must be kept up to date, by device number. */
    Map<Integer, BadBlockLog> logs() {
        return Map.copyOf(logs);
    }

    /**
     * Lines for the user about the present lists. Call after the recovery of a journal or of partial parity logs: a
     * block that the recovery has written is not listed any more, and its content is not lost.
     *
     * <p>With {@code --read-only --force} the blocks that parity can't replace are reported as they were listed before
     * the recovery, because these lists are not updated by a write.
     */
    List<String> messages() {
        List<String> messages = new ArrayList<>(flaws);
        for (FoundDevice replacement : replacements) {
            BadBlocks blocks = of(replacement);
            if (!blocks.isEmpty()) {
                messages.add(replacement.name() + ": " + blocks.sectors() + " sectors are listed as bad");
            }
        }
        BadBlockSurvey survey = new BadBlockSurvey(geometry, slots);
        for (int number = 0; number < slots.size(); number++) {
            FoundDevice member = members.get(number);
            BadBlocks blocks = slots.get(number).blocks();
            if (member != null && blocks != null && !blocks.isEmpty()) {
                messages.add(described(member, blocks, survey.lostSectors(number)));
            }
            if (member != null && readOnly) {
                unreadable.outside(member).ifPresent(messages::add);
            }
        }
        lostRanges(survey).ifPresent(messages::add);
        return List.copyOf(messages);
    }

    /**
     * The devices with superblocks that say that there is no bad-block list. The next superblock update writes that to
     * the devices.
     *
     * @param messages receives a line for each device whose list is ignored
     */
    static List<FoundDevice> withoutLists(List<FoundDevice> devices, boolean readOnly, List<String> messages) {
        List<FoundDevice> all = new ArrayList<>();
        for (FoundDevice device : devices) {
            Superblock superblock = device.superblock();
            if (superblock.hasFeature(Features.BAD_BLOCKS)) {
                messages.add(device.name() + ": its list of bad blocks " + length(device) + "is ignored"
                        + (readOnly ? "" : ", and not in force any more"));
                superblock = superblock.edit(
                        editor -> editor.featureMap(device.superblock().featureMap() & ~Features.BAD_BLOCKS));
            }
            all.add(new FoundDevice(device.device(), superblock));
        }
        return all;
    }

    private static String length(FoundDevice device) {
        try {
            long sectors =
                    BadBlockLog.of(device).map(log -> log.badBlocks().sectors()).orElse(0L);
            return "(" + sectors + " sectors, " + Sectors.toBytes(sectors) + " bytes) ";
        } catch (ArrayRefusedException e) {
            return "(which can't be made out) ";
        }
    }
}
