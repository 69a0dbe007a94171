package io.mdfuse.raid.event;

/**
 * Something that happened to an open array, after it is on record. Names are those of {@code mdadm --monitor} if it has
 * one for the case; the last ones of this table are ours.
 *
 * <pre>
 *   name               severity   device
 *   NewArray           INFO       -           the array is served
 *   DegradedArray      CRITICAL   -           it is served with fewer members than it should have
 *   Fail               CRITICAL   the device  a member, or the journal, is left out from now on
 *   FailSpare          CRITICAL   the device  a spare, or a device that is being rebuilt, is left out
 *   SpareActive        NOTICE     the device  it is a member in sync now
 *   RebuildStarted     NOTICE     the target  a rebuild, resync, check or repair begins
 *   Rebuild20 … 80     INFO       the target  so many percent of it are passed
 *   RebuildFinished    NOTICE     the target  it is through; WARNING if something did not fit or could not be read
 *   DeviceDisappeared  INFO       -           the array is not served any more; CRITICAL if it was not closed cleanly
 *   RebuildStopped     WARNING    the target  it ended before its end; INFO if it was told to
 *   BadBlocks          WARNING    the device  blocks were put on its bad-block log
 *   ArrayBroken        CRITICAL   the device  more is lost than the array can do without; nothing is written any more
 *   HostFull           WARNING    the device  the host has no room for what an image file should hold
 *   HostHasRoom        NOTICE     the device  it has room again
 * </pre>
 *
 * @param name one word, as above
 * @param device the device that it is about, by the name under which it was opened; empty if it is about the array
 * @param text one line that says what happened
 */
public record ArrayEvent(String name, Severity severity, String device, String text) {
    /** How much it matters, in words of syslog(3). */
    public enum Severity {
        INFO,
        NOTICE,
        WARNING,
        CRITICAL
    }

    /** One that is about the array as a whole. */
    public static ArrayEvent of(String name, Severity severity, String text) {
        return new ArrayEvent(name, severity, "", text);
    }

    /** One that is about a device. */
    public static ArrayEvent of(String name, Severity severity, String device, String text) {
        return new ArrayEvent(name, severity, device, text);
    }
}
