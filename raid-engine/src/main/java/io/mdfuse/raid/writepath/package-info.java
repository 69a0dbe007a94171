/**
 * How a write becomes durable: straight to the members with the array marked dirty, or through the journal.
 *
 * <p>Reading order: {@link io.mdfuse.raid.writepath.WritePath} is what a request is committed to;
 * {@link io.mdfuse.raid.writepath.Unjournaled} and {@link io.mdfuse.raid.writepath.Journaled} implement it. Both write
 * the members with {@link io.mdfuse.raid.writepath.MemberWriter}.
 *
 * <h2>Without a journal</h2>
 *
 * <p>{@link io.mdfuse.raid.writepath.DirtyMarker} marks the array dirty in the superblocks, through a
 * {@link io.mdfuse.raid.writepath.ResyncRecord}. A {@link io.mdfuse.raid.writepath.WriteIntent} records which stripes
 * are being written: {@link io.mdfuse.raid.writepath.WriteIntentBitmap},
 * {@link io.mdfuse.raid.writepath.LocklessBitmap} or {@link io.mdfuse.raid.writepath.PartialParityLog}, or nothing.
 * What they do after a time without a request is a {@link io.mdfuse.raid.writepath.TimedTask}: the timer wakes it, a
 * worker runs it ({@link io.mdfuse.raid.writepath.TaskThreads}). Of the lockless bitmap {@code ChunkActivity} knows
 * which chunks are in use, {@link io.mdfuse.raid.writepath.ChunkSyncs} which need their parity made, and
 * {@code ChunkRanges} which stripes they have.
 *
 * <h2>With a journal</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.JournalMode} selects write-through (class {@code WriteThrough}) or write-back:
 * the data is logged and cached, and written out later ({@code WriteOutCycle}, {@code WriteOut}). A failed journal is
 * given up by {@code JournalAbandonment}, which calls the {@link io.mdfuse.raid.writepath.JournalFailureRecord}; {@code
 * JournalState} draws the states: write-through, write-back, abandoned.
 *
 * <p>Log space is reserved at admission ({@code CacheAdmission}), by the sums of
 * {@link io.mdfuse.raid.writepath.LogNeeds}; space on the hosts is reserved by {@code JournalSpace} before anything is
 * logged. {@code Reclaimer} moves the log's tail.
 *
 * <h2>Special writes</h2>
 *
 * <p>{@link io.mdfuse.raid.writepath.Trimmer} makes ranges read as zeros. {@link io.mdfuse.raid.writepath.LostParity}
 * handles stripes that have lost more blocks than parity can solve; in a journaled array {@code LogBypass} writes them.
 */
@NullMarked
package io.mdfuse.raid.writepath;

import org.jspecify.annotations.NullMarked;
