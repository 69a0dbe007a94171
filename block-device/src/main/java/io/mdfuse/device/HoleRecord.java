package io.mdfuse.device;

/** The durable record of which parts of an image hold nothing, such as a map beside the image. */
@FunctionalInterface
public interface HoleRecord {
    /**
     * Replaces the record as a whole: after a crash it is the old one or this one. When this returns, this one is
     * durable.
     *
     * @param unreadable all that still holds nothing
     * @throws DeviceException if the record can't be written; the old one is in force then
     */
    void store(ByteRanges unreadable) throws DeviceException;
}
