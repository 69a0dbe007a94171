package io.mdfuse.cli;

import io.mdfuse.raid.statistics.OperationKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a page of {@code watch} shows: the state of an array now, and rates and latencies of the time since the sample
 * before. {@link WatchComparison} makes it of two samples; the terminal page and the web page print it.
 *
 * @param name the file's name
 * @param file the volume's path
 * @param shape such as {@code raid6 of 5, 64K chunks, journal (write-back)}
 * @param state mdadm's words, such as {@code clean, degraded, recovering}
 * @param alarm why the array needs help: it is degraded or failed; empty if it needs none
 * @param ageSeconds since when the array is open
 * @param seconds the time to which rates and latencies belong
 * @param ring null if the array has no journal
 * @param cache null if the array has no journal
 * @param pass null if none is under way
 */
record WatchFigures(
        String name,
        String file,
        String shape,
        String state,
        String alarm,
        double ageSeconds,
        double seconds,
        List<Device> devices,
        List<Operation> operations,
        Written written,
        @Nullable Ring ring,
        @Nullable Cache cache,
        @Nullable Pass pass) {

    /**
     * A device of the array.
     *
     * @param slot its slot; -1 if it has none
     * @param words its state in mdadm's words
     * @param well false if it has failed or is being rebuilt
     * @param readRate bytes per second
     * @param writeRate bytes per second
     * @param corrected blocks that it could not read and that were written back
     */
    record Device(
            int number,
            int slot,
            String path,
            String words,
            boolean well,
            double readRate,
            double writeRate,
            long corrected) {}

    /**
     * The requests of one kind. Latencies are in microseconds, and 0 if there was no request in that time.
     *
     * @param rate requests per second
     * @param byteRate bytes per second
     * @param all requests since the array was opened
     * @param errors those of them that failed
     */
    record Operation(
            OperationKind kind,
            double rate,
            double byteRate,
            long p50,
            long p90,
            long p99,
            long max,
            long all,
            long errors) {}

    /**
     * What was written, in bytes per second.
     *
     * @param amplification bytes to members and journal for each byte to the volume, since the array was opened; 0 if
     *     nothing was written
     */
    record Written(double volumeRate, double memberRate, double journalRate, double passRate, double amplification) {}

    /** The ring of the journal, in bytes; positions from its start. */
    record Ring(long size, long used, long tail, long checkpoint, long head) {}

    /** The write-back cache, in stripes. */
    record Cache(long limit, long full, long partial, long memoryBytes) {}

    /**
     * A resync, rebuild, check or repair.
     *
     * @param action md's name of it
     * @param done from 0 to 1
     * @param rate bytes of each member per second; 0 if that is not known yet
     * @param secondsLeft at that rate; -1 if that is not known yet
     * @param trouble what it waits for, or why it stopped; empty if nothing
     */
    record Pass(String action, double done, double rate, long secondsLeft, String trouble) {}
}
