package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.JournalMode;
import io.mdfuse.raid.superblock.Superblock;
import java.util.Map;

/**
 * The engine of a read-only array with parity: it refuses every change and never writes to a device. The only pass that
 * it runs is a scrub that compares.
 */
final class ReadOnlyEngine extends RefusedWrites implements ArrayEngine {
    private final Superblock superblock;
    private final BackgroundPasses passes;
    private final ReadOnlyDevices devices;

    /** @param superblock the freshest superblock, as it was found */
    ReadOnlyEngine(Superblock superblock, BackgroundPasses passes, ReadOnlyDevices devices) {
        this.devices = devices;
        this.superblock = superblock;
        this.passes = passes;
    }

    @Override
    public BackgroundPasses passes() {
        return passes;
    }

    @Override
    public void setJournalMode(JournalMode mode) throws ArrayRefusedException {
        throw refused();
    }

    @Override
    public void runMemberCommand(String command) throws ArrayRefusedException {
        throw refused();
    }

    @Override
    public void setKnob(String name, String value) throws ArrayRefusedException {
        if (WriteKnobs.isKnob(name)) {
            throw refused();
        }
        throw new UnsupportedOperationException(name + " can't be set");
    }

    @Override
    public Superblock superblock() {
        return superblock;
    }

    @Override
    public long events() {
        return superblock.events();
    }

    @Override
    public String state() {
        return "readonly";
    }

    @Override
    public String journalTrouble() {
        return "";
    }

    @Override
    public void describeJournal(Map<String, String> attributes) {
        attributes.put("journal_mode", "none");
    }

    @Override
    public void describeDevices(Map<String, String> attributes) {
        devices.describe(attributes);
    }

    @Override
    public void close() {
        try {
            passes.scrub().stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
