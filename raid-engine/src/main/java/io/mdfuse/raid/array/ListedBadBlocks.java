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
 * The bad-block lists of the members that an array is opened with: which are believed, and what that costs.
 *
 * <pre>
 *                              a listed block that parity can replace     one that it can't
 *   as it is                   is solved from the other members           is an error for its reader
 *   read-only and forced       is solved from the other members           is what the member holds
 *   lists are ignored          is what the member holds                   is what the member holds
 * </pre>
 *
 * Lists are ignored by {@link #withoutLists}, before anything is asked of them, so that one that makes no sense can be
 * ignored too.
 */
final class ListedBadBlocks {
    private static final int MOST_RANGES_TOLD = 4;

    private final ArrayGeometry geometry;
    private final ShortDevices shortDevices;
    private final boolean readOnly;
    private final boolean asHeld;
    private final List<@Nullable FoundDevice> members;
    private final List<BadBlockSurvey.Slot> slots = new ArrayList<>();
    private final List<FoundDevice> replacements = new ArrayList<>();
    private final Map<Integer, BadBlockLog> logs = new TreeMap<>();
    private final Map<Integer, BadBlocks> believed = new TreeMap<>();
    private final List<String> flaws = new ArrayList<>();

    /** Reads the lists of all members, those that are being rebuilt too. */
    ListedBadBlocks(ArrayGeometry geometry, Assembly assembly, AssembleOptions options) throws ArrayRefusedException {
        this.shortDevices = new ShortDevices(assembly);
        this.readOnly = options.readOnly();
        this.geometry = geometry;
        this.members = new ArrayList<>(assembly.slots());
        for (FoundDevice member : members) {
            slots.add(slot(member, RecoveryPosition.inSync()));
        }
        for (Assembly.Joiner joiner : assembly.joining()) {
            BadBlockSurvey.Slot slot = slot(joiner.device(), joiner.recovery());
            if (!joiner.replacement()) {
                members.set(joiner.slot(), joiner.device());
                slots.set(joiner.slot(), slot);
            } else {
                replacements.add(joiner.device());
            }
        }
        BadBlockSurvey survey = new BadBlockSurvey(geometry, slots);
        this.asHeld = options.readOnly() && options.force() && !survey.allReplaceable();
        if (asHeld) {
            believeReplaceable(survey);
        }
    }

    /** Takes the blocks that parity can't replace off the lists that readers are given. */
    private void believeReplaceable(BadBlockSurvey survey) {
        for (int number = 0; number < slots.size(); number++) {
            FoundDevice member = members.get(number);
            BadBlocks blocks = slots.get(number).blocks();
            if (member != null && blocks != null && !blocks.isEmpty()) {
                believed.put(member.superblock().deviceNumber(), withEnd(member, survey.replaceable(number)));
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
        believed.put(number, blocks);
        if (log != null) {
            logs.put(number, log);
            if (log.emptyEntries() > 0) {
                flaws.add(member.name() + ": " + log.emptyEntries() + " entries of its bad-block list have length 0"
                        + " (mdadm before 4.5 leaves such); they count as none, and Linux from 6.7"
                        + " on refuses the device"
                        + " until it was mounted here for writing");
            }
        }
        if (readOnly && shortDevices.missingSectors(member) > 0) {
            blocks = withEnd(member, blocks);
            believed.put(number, blocks);
        }
        return new BadBlockSurvey.Slot(blocks, member.superblock().dataOffsetSectors(), recovery);
    }

    /** The list, and with it the sectors that a device which is cut short does not have. */
    private BadBlocks withEnd(FoundDevice member, BadBlocks listed) {
        long missing = shortDevices.missingSectors(member);
        if (missing == 0) {
            return listed;
        }
        BadBlocks all = new BadBlocks(0, Integer.MAX_VALUE);
        listed.ranges().forEach(range -> all.add(range.sector(), range.sectors()));
        all.add(member.superblock().dataOffsetSectors() + member.roomSectors(), missing);
        return all;
    }

    private String described(FoundDevice member, BadBlocks blocks, long lostSectors) {
        String begin = member.name() + ": " + blocks.sectors() + " sectors are "
                + (shortDevices.missingSectors(member) > 0 ? "missing or " : "") + "listed as bad; ";
        if (lostSectors == 0) {
            return begin + "their content is solved from the other members";
        }
        long solved = blocks.sectors() - lostSectors;
        return begin + (solved == 0 ? "" : solved + " of them are solved from the other members, ")
                + (solved == 0 ? "all of them" : lostSectors + "")
                + " can't be, since too many other members list or lack the"
                + " same blocks: " + (asHeld ? "what the device holds there is given" : "they are errors");
    }

    private Optional<String> lostRanges(BadBlockSurvey survey) {
        Map<Long, Long> ranges = survey.lostVolumeRanges(MOST_RANGES_TOLD + 1);
        if (survey.allReplaceable() || ranges.isEmpty()) {
            return Optional.empty();
        }
        String where = ranges.entrySet().stream()
                .limit(MOST_RANGES_TOLD)
                .map(range -> range.getValue() + " bytes at " + range.getKey())
                .collect(Collectors.joining(", "));
        boolean cut = members.stream().anyMatch(member -> member != null && shortDevices.missingSectors(member) > 0);
        String more = ranges.size() > MOST_RANGES_TOLD ? ", and more" : "";
        String begin = "of the volume, " + where + more;
        if (cut) {
            return Optional.of(begin
                    + " are on devices that are cut short, or listed as bad, and can't be solved: what can't be read"
                    + " is an error");
        }
        return Optional.of(
                asHeld
                        ? begin
                                + " are what the members hold, because of --force: the lists of bad blocks say that it"
                                + " is lost, so it may be anything"
                        : begin
                                + " can't be read, as the lists of bad blocks say; if the devices are sound there,"
                                + " mount with --ignore-bad-block-lists");
    }

    /** The member's bad blocks as its readers are to know them. */
    BadBlocks of(FoundDevice member) {
        return believed.getOrDefault(member.superblock().deviceNumber(), BadBlocks.withoutLog());
    }

    /** The logs to keep up to date, by device number. */
    Map<Integer, BadBlockLog> logs() {
        return Map.copyOf(logs);
    }

    /**
     * What the user must know about the lists as they are now. Call after the recovery from a journal or from partial
     * parity logs: a block that the recovery has written is not listed any more, and its content is not lost.
     *
     * <p>With {@code --read-only --force} the blocks that parity can't replace are reported as the lists had them at
     * the opening: they are off the lists, so a write to them leaves no trace here.
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
        }
        lostRanges(survey).ifPresent(messages::add);
        return List.copyOf(messages);
    }

    /**
     * The devices as if none listed a bad block: superblocks without the feature, whose lists nothing asks for. The
     * next write of the superblocks makes it so on the devices.
     *
     * @param messages takes a line for each device whose list is ignored
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
