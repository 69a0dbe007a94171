package io.mdfuse.raid.xray;

/**
 * A part of the volume that one member holds in one piece, of an array without rows of chunks (RAID-1, linear).
 *
 * @param memberSector where the part begins, in sectors from the start of the member's data
 * @param volumeSector its first sector in the volume
 */
public record MapSpan(int slot, long memberSector, long volumeSector, long sectors) {}
