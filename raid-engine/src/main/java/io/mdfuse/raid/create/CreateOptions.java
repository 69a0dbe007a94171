package io.mdfuse.raid.create;

/**
 * What the user asks {@link ArrayCreator} for.
 *
 * @param force true to overwrite superblocks, file systems and partition tables that are found on the devices
 */
public record CreateOptions(NewShape shape, NewIdentity identity, NewConsistency consistency, boolean force) {}
