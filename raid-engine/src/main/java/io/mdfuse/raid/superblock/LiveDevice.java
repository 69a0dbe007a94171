package io.mdfuse.raid.superblock;

import java.io.IOException;

/**
 * A device whose superblock is kept up to date, and what it was last asked to hold. Guarded by the store's lock.
 */
final class LiveDevice {
    private final FoundDevice found;
    private Superblock superblock;

    LiveDevice(FoundDevice found) {
        this.found = found;
        this.superblock = found.superblock();
    }

    int deviceNumber() {
        return superblock.deviceNumber();
    }

    Superblock superblock() {
        return superblock;
    }

    String name() {
        return found.name();
    }

    void flush() throws IOException {
        found.device().flush();
    }

    /** Writes a new superblock; it is durable after the next flush. */
    void write(Superblock next) throws IOException {
        if (next.metadataVersion() == MetadataVersion.V0_90) {
            throw new IllegalStateException(name() + ": superblocks of metadata 0.90 are never written");
        }
        superblock = next;
        DevicePage.write(found.device(), next.superOffsetSectors(), next.toBytes(), next.writtenBytes());
    }
}
