package io.mdfuse.raid.copies;

/**
 * Where a copy lies.
 *
 * @param slot the member's slot, from 0
 * @param memberSector its first sector, counted from the member's data offset
 */
public record CopyPlace(int slot, long memberSector) {}
