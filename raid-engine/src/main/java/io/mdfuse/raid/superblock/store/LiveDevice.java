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
 * A device whose superblock is kept up to date, and what it was last asked to hold. Guarded by the lock of {@link
 * LiveSuperblocks}.
 */
public final class LiveDevice {
    private final FoundDevice found;
    private Superblock superblock;
    private @Nullable BadBlockLog badBlockLog;
    /** What the update that is under way writes to the log; null where nothing has changed. */
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

    /** Has its bad-block log follow what its member knows. */
    void keepBadBlocks(BadBlockLog log) {
        badBlockLog = log;
    }

    /**
     * Decides what the next superblock says of bad blocks. Before the flush: a block that is not listed any more has
     * its content on the medium then.
     */
    void gatherBadBlocks() {
        gathered = badBlockLog == null || badBlockLog.badBlocks().isStored()
                ? null
                : badBlockLog.badBlocks().ranges();
    }

    /** Brings what was gathered to the log, durably. */
    void writeBadBlocks() throws IOException {
        if (badBlockLog != null && gathered != null) {
            badBlockLog.write(gathered, this::flush);
        }
    }

    /** What was gathered is in the log and in the superblock, flushed. */
    void badBlocksStored() {
        if (badBlockLog != null && gathered != null) {
            badBlockLog.badBlocks().stored(gathered);
        }
    }

    /** {@link Features#BAD_BLOCKS} where its log counts; of a log that nobody keeps, what it was. */
    int badBlockBit() {
        if (badBlockLog == null) {
            return superblock.featureMap() & Features.BAD_BLOCKS;
        }
        return badBlockLog.counts() ? Features.BAD_BLOCKS : 0;
    }

    /**
     * True if it is a member that fell out, and no update that takes it back is on its medium yet. The others call it
     * faulty until then, with their present count; so it must not be given that count, which would be two halves of an
     * array that contradict each other. It gets the next count together with them: whichever of them a crash leaves
     * with that, the array is the forced one, or lacks this member as before.
     */
    boolean isTakenBack() {
        return takenBack;
    }

    /** The event count that is on its medium for certain. */
    long heldEvents() {
        return heldEvents;
    }

    void flush() throws IOException {
        try {
            found.device().flush();
        } catch (IOException e) {
            // A flush that goes well later does not bring back what this one lost.
            writtenEvents = heldEvents;
            throw e;
        }
        takenBack &= writtenEvents == heldEvents;
        heldEvents = writtenEvents;
    }

    /** Writes a new superblock; it is durable after the next flush. */
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
