/**
 * The statistics of an open array: what is counted while requests are served, and a snapshot of it. This package uses
 * no other package of the engine, so that members, cache and array can all count with it. Which thread counts what, and
 * what a count costs, is in {@code docs/architecture/statistics.md}.
 *
 * <p>Reading order: {@link io.mdfuse.raid.statistics.ArrayStatistics}, the snapshot, shows what there is; then
 * {@link io.mdfuse.raid.statistics.VolumeCounters}, through which each request of the volume runs.
 *
 * <h2>Counting</h2>
 *
 * <p>{@link io.mdfuse.raid.statistics.OperationCounters} counts the requests of one
 * {@link io.mdfuse.raid.statistics.OperationKind} and their latencies. A
 * {@link io.mdfuse.raid.statistics.SlowOperation} is the event for Java's Flight Recorder.
 * {@link io.mdfuse.raid.statistics.DeviceTraffic} counts what a member reads and writes.
 *
 * <h2>The snapshot</h2>
 *
 * <p>{@link io.mdfuse.raid.statistics.ArrayStatistics} has an {@link io.mdfuse.raid.statistics.OperationFigures} for
 * each kind of request, a {@link io.mdfuse.raid.statistics.MemberFigures} for each member,
 * {@link io.mdfuse.raid.statistics.WrittenFigures} with the write amplification,
 * {@link io.mdfuse.raid.statistics.JournalFigures} and {@link io.mdfuse.raid.statistics.CacheFigures}.
 */
@NullMarked
package io.mdfuse.raid.statistics;

import org.jspecify.annotations.NullMarked;
