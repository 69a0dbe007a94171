package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The extended attributes of the file: md's sysfs under {@code user.md.}, and attributes of the serving process under
 * {@code user.mdfuse.}: its {@code pid}, for whose end umount waits, its {@code trouble}, the newest {@code
 * refusal}, and the {@code frontend}. These are answered without a call of the array, which may wait for a device that
 * hangs.
 *
 * <p>The answers follow getxattr(2) and listxattr(2): with a capacity of 0 the length that is needed, {@code ERANGE} if
 * the capacity is less than that, {@code ENODATA} for a name that does not exist.
 */
final class VolumeAttributes {
    /** The prefix of every attribute of the array, before its sysfs name. */
    static final String ARRAY_PREFIX = "user.md.";

    /** What was counted since the opening, as JSON ({@link StatisticsJson}). */
    static final String STATISTICS = ARRAY_PREFIX + "stats";

    /** By how much the statistics may grow between the question for their length and that for their text. */
    private static final int GROWTH_BYTES = 1024;

    /**
     * Why the newest change of an attribute was refused: {@code NAME=VALUE}, and a line that says why; empty if none
     * was refused.
     */
    static final String SERVER_REFUSAL = "user.mdfuse.refusal";

    private static final String SERVER_PREFIX = "user.mdfuse.";

    /** The attribute that holds the serving process's id, in decimal. */
    static final String SERVER_PID = "user.mdfuse.pid";

    /** Why the volume can't write any more; empty if it can. */
    static final String SERVER_TROUBLE = "user.mdfuse.trouble";

    /** Which front end serves the mount, with the version of its library. */
    static final String SERVER_FRONTEND = "user.mdfuse.frontend";

    private final Volume volume;
    private volatile String refusal = "";
    private volatile String frontend = "";

    VolumeAttributes(Volume volume) {
        this.volume = volume;
    }

    /**
     * The value of {@code name}, for a caller with a buffer of {@code capacityBytes} (0: it asks only for the length).
     */
    byte[] value(String name, long capacityBytes) throws OperationRefused {
        String value = value(name);
        if (value == null) {
            throw new OperationRefused(FuseErrno.ENODATA);
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        boolean grows = capacityBytes == 0 && name.equals(STATISTICS);
        return fitting(grows ? Arrays.copyOf(bytes, bytes.length + GROWTH_BYTES) : bytes, capacityBytes);
    }

    private @Nullable String value(String name) {
        if (name.startsWith(SERVER_PREFIX)) {
            return ofServer().get(name);
        }
        return name.equals(STATISTICS)
                ? volume.statistics().map(StatisticsJson::of).orElse(null)
                : all().get(name);
    }

    /** All names, each ended by a zero byte, for a caller with a buffer of {@code capacityBytes}. */
    byte[] names(long capacityBytes) throws OperationRefused {
        StringBuilder names = new StringBuilder();
        all().keySet().forEach(name -> names.append(name).append('\0'));
        if (volume.statistics().isPresent()) {
            names.append(STATISTICS).append('\0');
        }
        return fitting(names.toString().getBytes(StandardCharsets.UTF_8), capacityBytes);
    }

    /** Whether {@code name} exists, so that a change of it is refused as not permitted rather than as unknown. */
    boolean has(String name) {
        return all().containsKey(name)
                || (name.equals(STATISTICS) && volume.statistics().isPresent());
    }

    /** Call before the mount, with the value of {@link #SERVER_FRONTEND}. */
    void servedBy(String description) {
        frontend = description;
    }

    private Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        volume.attributes().forEach((key, value) -> all.put(ARRAY_PREFIX + key, value));
        all.putAll(ofServer());
        return all;
    }

    /** Keeps the reason of a refused change for the caller, which gets only an error number. */
    void noteRefusal(String name, String value, String why) {
        refusal = name + "=" + value.replace('\n', ' ') + "\n" + why;
    }

    /**
     * The same for a change that no value makes possible.
     *
     * @param name the complete name of the attribute
     * @param verb what can't be done: set or removed
     */
    void noteUnsettable(String name, String value, String verb) {
        String shown = name.startsWith(ARRAY_PREFIX) ? name.substring(ARRAY_PREFIX.length()) : name;
        noteRefusal(
                shown,
                value,
                has(name)
                        ? shown + " can't be " + verb
                        : "there is no attribute " + shown + "; getfattr -d -m user.md lists those of the file");
    }

    private Map<String, String> ofServer() {
        Map<String, String> own = new LinkedHashMap<>();
        own.put(SERVER_PID, Long.toString(ProcessHandle.current().pid()));
        own.put(SERVER_TROUBLE, volume.trouble());
        own.put(SERVER_REFUSAL, refusal);
        if (!frontend.isEmpty()) {
            own.put(SERVER_FRONTEND, frontend);
        }
        return own;
    }

    private static byte[] fitting(byte[] value, long capacityBytes) throws OperationRefused {
        if (capacityBytes != 0 && value.length > capacityBytes) {
            throw new OperationRefused(FuseErrno.ERANGE);
        }
        return value;
    }
}
