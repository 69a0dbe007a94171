package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.ArrayAssembler;
import io.mdfuse.raid.array.ArrayRuntime;
import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.AssumedArray;
import io.mdfuse.raid.array.AssumedShape;
import io.mdfuse.raid.array.ChosenDevices;
import io.mdfuse.raid.array.JournalModeCheck;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.UnreadableParts;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the array that the user chose. One thread opens and closes. */
final class ArraySource implements VolumeServer.Source<RaidArray> {
    private final DeviceChoice choice;
    private final @Nullable JournalMode journalMode;
    private final AssembleOptions options;
    private final int requests;
    private final @Nullable AssumedShape assumed;
    private final List<String> notes = new ArrayList<>();

    /**
     * @param journalMode the mode that the user asked for; null leaves the array in write-through
     * @param requests how many requests the array must be able to serve at once
     */
    ArraySource(DeviceChoice choice, @Nullable JournalMode journalMode, AssembleOptions options, int requests) {
        this(choice, journalMode, options, requests, null);
    }

    /** @param assumed the shape that the user gives by hand; null for the one that the superblocks say */
    ArraySource(
            DeviceChoice choice,
            @Nullable JournalMode journalMode,
            AssembleOptions options,
            int requests,
            @Nullable AssumedShape assumed) {
        this.assumed = assumed;
        this.choice = choice;
        this.journalMode = journalMode;
        this.options = options;
        this.requests = requests;
    }

    @Override
    public RaidArray open() throws IOException {
        AssumedShape shape = assumed;
        if (shape != null) {
            return AssumedArray.open(shape, choice.bySlot(), options, ArrayRuntime.real(requests));
        }
        ChosenDevices chosen = choice.devices();
        notes.addAll(chosen.notes());
        List<DeviceSpec> devices =
                chosen.devices().stream().map(DevicePath::absolute).toList();
        AssembleOptions used = withoutWritesToHoles(devices);
        if (journalMode != null && !used.readOnly()) {
            JournalModeCheck.require(devices, used, journalMode);
        }
        RaidArray array = ArrayAssembler.open(
                devices, used, ArrayRuntime.real(requests).withRecoveryProgress(new ReplayLines(System.err)));
        if (journalMode == JournalMode.WRITE_BACK && !array.readOnly()) {
            try {
                array.setAttribute("journal_mode", journalMode.mdName());
            } catch (IOException e) {
                array.close();
                throw e;
            }
        }
        return array;
    }

    /** The options; read-only if parts of a device were not read when its image was made. */
    private AssembleOptions withoutWritesToHoles(List<DeviceSpec> devices) throws IOException {
        UnreadableParts unreadable = UnreadableParts.of(devices);
        notes.addAll(unreadable.lines());
        if (!unreadable.any() || options.readOnly()) {
            return options;
        }
        if (journalMode != null || options.dropJournal() || options.addJournal() != null) {
            throw new IOException(unreadable.lines().getFirst()
                    + ": nothing is written to such an array, so its journal can't be changed");
        }
        notes.add("so the array is served read-only, and nothing is written to its devices");
        return options.withReadOnly(true);
    }

    /** Lines for the user about how the devices were found. Call after {@link #open}. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public void close(RaidArray array) throws IOException {
        array.close();
    }
}
