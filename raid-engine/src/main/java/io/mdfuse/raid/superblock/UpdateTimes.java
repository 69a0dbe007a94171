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
 * Checks whether the members and the journal of an array were last written together. md writes all superblocks in one
 * pass, with one event count and one update time ({@code utime}), so devices with the same event count have the same
 * time. The event count alone is not enough: md decrements it when an array becomes clean (Linux {@code md_update_sb}),
 * so an image that was taken on another day may have the same count.
 *
 * <table>
 *   <caption>What is compared</caption>
 *   <tr><td>members, journal and devices being rebuilt, with the same event count</td><td>must have the same
 *       time</td></tr>
 *   <tr><td>members and devices being rebuilt, one event apart</td><td>a crash between two superblock writes leaves
 *       this. The difference of the times is how long the array was idle, or busy without a pause: seconds if it is in
 *       use. An older image of a member may look the same. A difference of up to {@value #MAX_SECONDS_BEHIND} s is
 *       only reported; with a larger one the member is not used without {@code --force}</td></tr>
 *   <tr><td>a journal that is behind and much older</td><td>refused: a replay of an older image would overwrite newer
 *       data with old data</td></tr>
 *   <tr><td>spares</td><td>not compared: md does not write them when an array becomes dirty or clean</td></tr>
 *   <tr><td>faulty, removed and stale devices, and members taken back by force</td><td>not compared: they were not
 *       written with the others</td></tr>
 *   <tr><td>members that a device with the same event count calls faulty</td><td>not compared:
 *       {@code mdadm --assemble --force} raises the event count of a member, keeps its time, and corrects the role
 *       table of one device alone</td></tr>
 * </table>
 */
public final class UpdateTimes {
    /** Devices whose times differ by at most this were written together; md gives them the same second. */
    static final long MAX_SECONDS_APART = 2;

    /**
     * By how much a member that is one event behind may be older. A file system in use writes at least every 5 s, so a
     * crash leaves a smaller difference; if a user opened the array, wrote and closed it since an image was taken, the
     * difference is larger.
     */
    static final long MAX_SECONDS_BEHIND = 10;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private UpdateTimes() {}

    /** The update time of a superblock for messages. */
    public static String text(Superblock superblock) {
        return text(Instant.ofEpochSecond(superblock.utimeSeconds()));
    }

    /** A time for messages, to the second. */
    public static String text(Instant time) {
        return TIME.format(time) + " UTC";
    }

    /**
     * Names devices with the same event count that were not last written together, with their times; empty if there are
     * none.
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
     * The text of a warning if the journal is behind the members and was last written long before them; otherwise
     * empty. A crash while superblocks were written leaves this if the array was idle before, and so does an older
     * image of the journal.
     */
    public static Optional<String> oldJournal(Assembly assembly) {
        Superblock reference = assembly.reference();
        FoundDevice journal = assembly.journal();
        if (journal == null || !isOldLaggard(journal.superblock(), reference, MAX_SECONDS_APART)) {
            return Optional.empty();
        }
        return Optional.of(journal.name() + " was " + lastWritten(journal, reference));
    }

    private static String lastWritten(FoundDevice device, Superblock reference) {
        Superblock own = device.superblock();
        return "last written at " + text(own) + ", events " + own.events() + ", the others at " + text(reference)
                + ", events " + reference.events();
    }

    private static boolean isOldLaggard(Superblock own, Superblock reference, long maxSeconds) {
        return own.events() != reference.events() && reference.utimeSeconds() - own.utimeSeconds() > maxSeconds;
    }

    /** Members and devices being rebuilt that are one event behind and may be older images. */
    static List<FoundDevice> oldImages(Assembly assembly) {
        return compared(assembly).stream()
                .filter(device -> !device.equals(assembly.journal()))
                .filter(device -> isOldLaggard(device.superblock(), assembly.reference(), MAX_SECONDS_BEHIND))
                .toList();
    }

    /**
     * For an array that is only read: the assembly without the devices that may be older images, since their content
     * can be solved from the others. If too many members would be missing then, the assembly is returned unchanged.
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
     * Names the members that are one event behind and may be older images, with the time at which each was last
     * written; empty if there are none.
     */
    public static Optional<String> oldMembers(Assembly assembly) {
        List<String> words = oldImages(assembly).stream()
                .map(device -> device.name() + " was " + lastWritten(device, assembly.reference()))
                .toList();
        return words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words));
    }

    /** A warning of one line for each device that is one event behind the others and much older. */
    public static List<String> laggards(Assembly assembly) {
        Superblock reference = assembly.reference();
        List<String> lines = new ArrayList<>();
        for (FoundDevice device : compared(assembly)) {
            if (isOldLaggard(device.superblock(), reference, MAX_SECONDS_APART)) {
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
        assembly.rebuilding().forEach(rebuilding -> devices.add(rebuilding.device()));
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
            if (groups.isEmpty() || time - last > MAX_SECONDS_APART) {
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
