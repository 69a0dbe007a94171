package io.mdfuse.raid.statistics;

/**
 * What one member has read and written in its data area since it joined the open array.
 *
 * @param slot its slot; a replacement has the slot of the member that it replaces
 * @param device the device as the user named it
 */
public record MemberFigures(int slot, String device, long reads, long readBytes, long writes, long writtenBytes) {}
