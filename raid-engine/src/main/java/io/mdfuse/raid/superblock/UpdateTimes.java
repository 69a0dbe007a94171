package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.Standing;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether the members and the journal of an array were last written together. md writes all superblocks in one pass,
 * with one event count and one update time, so devices with the same event count have the same time. The count alone
 * does not tell: md takes it back by one if an array turns clean, so an image that was taken on another day may have
 * the same count.
 *
 * <table>
 *   <caption>What is compared</caption>
 *   <tr><td>members, journal, those being rebuilt, with the same event count</td><td>must have the same time</td></tr>
 * <tr><td>members and those being rebuilt, one event apart</td><td>a crash between two superblock writes leaves that.
 * The
 * time between the two updates is how long the array was idle, or busy, without a pause: seconds if it is in use. An
 * older image of a member may look the same. Up to {@value #MOST_SECONDS_BEHIND} s it is said; beyond, the member is
 * not
 *       trusted without force</td></tr>
 * <tr><td>a journal that is behind and much older</td><td>refused: a replay of an older image would bring old data back
 * over
 *       what was written since</td></tr>
 *   <tr><td>spares</td><td>not compared: md leaves them out if an array turns dirty or clean</td></tr>
 * <tr><td>faulty, removed and stale devices, those taken back by force</td><td>not compared: they were not
 * written</td></tr>
 *   <tr><td>members that a device with the same event count calls faulty</td><td>not compared: {@code mdadm --assemble
 * --force} raises the event count of a member, leaves its time, and corrects the role table of one device
 * alone</td></tr>
 * </table>
 */
public final class UpdateTimes {
    /** Devices whose times are no further apart were written together; md's are the same to the second. */
    static final long MOST_SECONDS_APART = 2;

    /**
     * How much older a member may be that is one event behind. A file system in use writes every 5 s, so a crash in an
     * array that is in use leaves less; to open the array, write and close it takes a user longer.
     */
    static final long MOST_SECONDS_BEHIND = 10;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private UpdateTimes() {}

    /** An update time as messages have it. */
    public static String text(Superblock superblock) {
        return text(Instant.ofEpochSecond(superblock.utimeSeconds()));
    }

    /** A time as messages have it, to the second. */
    public static String text(Instant time) {
        return TIME.format(time) + " UTC";
    }

    /**
     * Devices that were not last written together though they have the same event count, with their times; empty if all
     * were.
     */
    public static Optional<String> contradiction(Assembly assembly) {
        List<FoundDevice> devices = compared(assembly);
        TreeMap<Long, List<FoundDevice>> byEvents = new TreeMap<>(Long::compareUnsigned);
        for (FoundDevice device : devices) {
            byEvents.computeIfAbsent(device.superblock().events(), events -> new ArrayList<>())
                    .add(device);
        }
        for (List<FoundDevice> alike : byEvents.values()) {
            List<List<FoundDevice>> groups = byTime(alike);
            if (groups.size() > 1) {
                return Optional.of(String.join(
                        "; ", groups.stream().map(UpdateTimes::words).toList()));
            }
        }
        return Optional.empty();
    }

    /**
     * Says so if the journal is behind the members and was last written long before them. A crash while superblocks are
     * written leaves that if the array was idle before, and so does an older image of the journal.
     */
    public static Optional<String> oldJournal(Assembly assembly) {
        Superblock reference = assembly.reference();
        FoundDevice journal = assembly.journal();
        if (journal == null || !isOldLaggard(journal.superblock(), reference, MOST_SECONDS_APART)) {
            return Optional.empty();
        }
        return Optional.of(journal.name() + " was " + lastWritten(journal, reference));
    }

    private static String lastWritten(FoundDevice device, Superblock reference) {
        Superblock own = device.superblock();
        return "last written at " + text(own) + ", events " + own.events() + ", the others at " + text(reference)
                + ", events " + reference.events();
    }

    private static boolean isOldLaggard(Superblock own, Superblock reference, long mostSeconds) {
        return own.events() != reference.events() && reference.utimeSeconds() - own.utimeSeconds() > mostSeconds;
    }

    /**
     * Members, and devices that are being rebuilt, that are one event behind and may be older images; empty if none is.
     */
    static List<FoundDevice> oldImages(Assembly assembly) {
        return compared(assembly).stream()
                .filter(device -> !device.equals(assembly.journal()))
                .filter(device -> isOldLaggard(device.superblock(), assembly.reference(), MOST_SECONDS_BEHIND))
                .toList();
    }

    /**
     * For an array that is only read: the assembly without the devices that may be older images, since what they hold
     * can be solved from the others. If too many members would be missing then, it stays as it is.
     *
     * @param mayLack how many members the array can do without
     */
    public static Assembly withoutOldImages(Assembly assembly, int mayLack) {
        List<FoundDevice> old = oldImages(assembly);
        List<@Nullable FoundDevice> left = new ArrayList<>(assembly.slots());
        left.replaceAll(member -> old.contains(member) ? null : member);
        if (old.isEmpty() || left.stream().filter(Objects::isNull).count() > mayLack) {
            return assembly;
        }
        List<Bystander> unused = new ArrayList<>(assembly.others());
        unused.removeIf(other -> old.contains(other.device()));
        old.forEach(device -> unused.add(new Bystander(device, Standing.OLD_IMAGE)));
        return new Assembly(
                assembly.reference(),
                Collections.unmodifiableList(left),
                assembly.journal(),
                List.copyOf(unused),
                assembly.takenBack());
    }

    /**
     * Names the members that are one event behind and may be older images, and when each was last written; empty if
     * none is.
     */
    public static Optional<String> oldMembers(Assembly assembly) {
        List<String> words = oldImages(assembly).stream()
                .map(device -> device.name() + " was " + lastWritten(device, assembly.reference()))
                .toList();
        return words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words));
    }

    /** Devices that are one event behind the others and much older; a line for each. */
    public static List<String> laggards(Assembly assembly) {
        Superblock reference = assembly.reference();
        List<String> lines = new ArrayList<>();
        for (FoundDevice device : compared(assembly)) {
            if (isOldLaggard(device.superblock(), reference, MOST_SECONDS_APART)) {
                lines.add(device.name() + ": " + lastWritten(device, reference)
                        + ": a crash while superblocks are written leaves that, and so does an older image, which must"
                        + " be left out");
            }
        }
        return lines;
    }

    private static List<FoundDevice> compared(Assembly assembly) {
        List<FoundDevice> devices = new ArrayList<>();
        assembly.slots().stream()
                .filter(Objects::nonNull)
                .filter(member -> assembly.takenBack().stream()
                        .noneMatch(taken -> taken.device().device() == member.device()))
                .filter(member -> !isForcedByMdadm(member, assembly))
                .forEach(devices::add);
        assembly.joining().forEach(joiner -> devices.add(joiner.device()));
        FoundDevice journal = assembly.journal();
        if (journal != null) {
            devices.add(journal);
        }
        return devices;
    }

    private static boolean isForcedByMdadm(FoundDevice member, Assembly assembly) {
        Superblock own = member.superblock();
        return assembly.slots().stream()
                .filter(Objects::nonNull)
                .map(FoundDevice::superblock)
                .filter(other -> other.events() == assembly.reference().events())
                .anyMatch(other -> other.role(own.deviceNumber()) != own.ownRole());
    }

    private static List<List<FoundDevice>> byTime(List<FoundDevice> devices) {
        List<FoundDevice> sorted = new ArrayList<>(devices);
        sorted.sort((a, b) ->
                Long.compare(a.superblock().utimeSeconds(), b.superblock().utimeSeconds()));
        List<List<FoundDevice>> groups = new ArrayList<>();
        long last = 0;
        for (FoundDevice device : sorted) {
            long time = device.superblock().utimeSeconds();
            if (groups.isEmpty() || time - last > MOST_SECONDS_APART) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(device);
            last = time;
        }
        return groups;
    }

    private static String words(List<FoundDevice> together) {
        List<String> names = together.stream().map(FoundDevice::name).toList();
        return String.join(", ", names) + " at " + text(together.getFirst().superblock());
    }
}
