package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.HeldWritesDevice;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out commands about members, which users write to the attribute {@code member_command}: one word for each
 * line, since a path may contain spaces.
 *
 * <pre>
 *   fail [--force] DEV     remove DEV     re-add DEV     add [--force] DEV     replace [--force] DEV [NEW]
 * </pre>
 *
 * The attribute {@code member_result} shows what came of the newest command: {@link MemberOutcomeText}.
 */
final class MemberCommand {
    private final RankedLock lock = new RankedLock(LockRank.MEMBER_COMMAND);
    private final MemberManager manager;
    private final boolean direct;
    private volatile @Nullable MemberResult newest;

    MemberCommand(MemberManager manager, boolean direct) {
        this.manager = manager;
        this.direct = direct;
    }

    /** What came of the newest command; null if there was none. */
    @Nullable
    MemberResult newest() {
        return newest;
    }

    /**
     * Carries out a command. Commands run one at a time; the caller holds no lock.
     *
     * @param text the words, one for each line
     * @throws IllegalArgumentException if the text is no command
     * @throws IOException if the command was refused or failed
     */
    void run(String text) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            String echo = text.lines().map(DeviceSpec::shown).collect(Collectors.joining(" "));
            try {
                newest = new MemberResult.Done(echo, carryOut(text));
            } catch (IOException | IllegalArgumentException e) {
                newest = new MemberResult.Refused(echo, String.valueOf(e.getMessage()));
                throw e;
            }
        }
    }

    private MemberOutcome carryOut(String text) throws IOException {
        List<String> words = new ArrayList<>(List.of(text.split("\n", -1)));
        String verb = words.removeFirst();
        boolean force = words.remove("--force");
        if (words.isEmpty() || words.size() > (verb.equals("replace") ? 2 : 1)) {
            throw new IllegalArgumentException("a command is a verb and its devices, a line each");
        }
        String given = words.getFirst();
        String name = DeviceSpec.shown(given);
        return switch (verb) {
            case "fail" -> manager.fail(name, force);
            case "remove" -> manager.remove(name);
            case "add" -> withDevice(given, device -> manager.add(device, force));
            case "re-add" -> withDevice(given, manager::reAdd);
            case "replace" -> words.size() == 1 ? manager.replace(name, null) : replace(name, words.getLast(), force);
            default -> throw new IllegalArgumentException("there is no command " + verb);
        };
    }

    private MemberOutcome replace(String name, String with, boolean force) throws IOException {
        return manager.devices().named(with) != null
                ? manager.replace(name, DeviceSpec.shown(with))
                : withDevice(with, device -> manager.replaceWithNew(name, device, force));
    }

    private interface DeviceVerb {
        MemberOutcome carryOut(BlockDevice device) throws IOException;
    }

    /** A device that can't be opened is refused: that is the user's mistake, and no failure of the array. */
    private BlockDevice opened(String path) throws ArrayRefusedException {
        try {
            BlockDevice device = SpecifiedDevice.open(DeviceSpec.parse(path), Access.READ_WRITE, direct);
            try {
                UnreadableParts.refuseToWrite(List.of(device));
            } catch (ArrayRefusedException e) {
                device.close();
                throw e;
            }
            device.expectSmallWrites();
            return new HeldWritesDevice(device);
        } catch (ArrayRefusedException e) {
            throw e;
        } catch (IOException e) {
            throw new ArrayRefusedException(Reason.MISSING, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /** Opens the device for a verb, and closes it again if the verb did not add it to the array. */
    private MemberOutcome withDevice(String text, DeviceVerb verb) throws IOException {
        String path = DeviceSpec.shown(text);
        DeviceList.Entry known = manager.devices().named(path);
        if (known != null) {
            DeviceState state = manager.devices().stateOf(known);
            throw new ArrayRefusedException(
                    Reason.DUPLICATE,
                    state == DeviceState.REMOVED
                            ? path + ": is known to this mount as removed; first: mdfuse remove MOUNTPOINT " + path
                            : path + ": is part of the array already (" + state.text() + "); remove it first");
        }
        BlockDevice device = opened(text);
        try {
            return verb.carryOut(device);
        } finally {
            boolean added = manager.devices().all().stream().anyMatch(entry -> entry.device() == device);
            if (!added) {
                device.close();
            }
        }
    }
}
