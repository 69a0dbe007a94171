package io.mdfuse.raid.superblock.store;

import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.DevicePage;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device whose superblock is kept up to date, with the superblock that was last written to it. Guarded by the lock of
 * {@link LiveSuperblocks}.
 */
public final class LiveDevice {
    private final FoundDevice found;
    private Superblock superblock;
    private @Nullable BadBlockLog badBlockLog;
    /** The list that the current update writes to the bad-block log; null if the list has not changed. */
    private @Nullable List<BadRange> gathered;

    private long writtenEvents;
    private long heldEvents;
    private boolean takenBack;

    public LiveDevice(FoundDevice found) {
        this(found, false);
    }

    public LiveDevice(FoundDevice found, boolean takenBack) {
        this.found = found;
        this.takenBack = takenBack;
        this.superblock = found.superblock();
        this.writtenEvents = superblock.events();
        this.heldEvents = superblock.events();
    }

    int deviceNumber() {
        return superblock.deviceNumber();
    }

    public Superblock superblock() {
        return superblock;
    }

    String name() {
        return found.name();
    }

    /** Keeps this bad-block log up to date from now on. */
    void keepBadBlocks(BadBlockLog log) {
        badBlockLog = log;
    }

    /**
     * Takes the list of bad blocks for the next superblock. Call before the flush: then a block that is not listed any
     * more has its content on the medium.
     */
    void gatherBadBlocks() {
        gathered = badBlockLog == null || badBlockLog.badBlocks().isStored()
                ? null
                : badBlockLog.badBlocks().ranges();
    }

    /** Writes the gathered list to the log, durably. */
    void writeBadBlocks() throws IOException {
        if (badBlockLog != null && gathered != null) {
            badBlockLog.write(gathered, this::flush);
        }
    }

    /** Records that the gathered list is in the log and announced by the superblock, durably. */
    void badBlocksStored() {
        if (badBlockLog != null && gathered != null) {
            badBlockLog.badBlocks().stored(gathered);
        }
    }

    /**
     * {@link Features#BAD_BLOCKS} if its log lists a block, otherwise 0; if {@link #keepBadBlocks} was not called, the
     * bit as it was found.
     */
    int badBlockBit() {
        if (badBlockLog == null) {
            return superblock.featureMap() & Features.BAD_BLOCKS;
        }
        return badBlockLog.counts() ? Features.BAD_BLOCKS : 0;
    }

    /**
     * True if it is a member that was taken back by force, and the update that does so is not on its medium yet. Until
     * then the others call it faulty at their present event count. It must not be written with that count: then two
     * devices with the same count would contradict each other. It gets the next count together with the others: after a
     * crash in that update the array either has the member, or lacks it as before.
     */
    boolean isTakenBack() {
        return takenBack;
    }

    /** The event count that is certainly on its medium. */
    long heldEvents() {
        return heldEvents;
    }

    void flush() throws IOException {
        try {
            found.device().flush();
        } catch (IOException e) {
            // A later successful flush does not restore what this one lost.
            writtenEvents = heldEvents;
            throw e;
        }
        takenBack &= writtenEvents == heldEvents;
        heldEvents = writtenEvents;
    }

    /** Writes a new superblock; durable after the next {@link #flush}. */
    public void write(Superblock next) throws IOException {
        if (next.metadataVersion() == MetadataVersion.V0_90) {
            throw new IllegalStateException(name() + ": superblocks of metadata 0.90 are never written");
        }
        superblock = next;
        writtenEvents = heldEvents;
        DevicePage.write(found.device(), next.superOffsetSectors(), next.toBytes(), next.writtenBytes());
        writtenEvents = next.events();
    }
}
