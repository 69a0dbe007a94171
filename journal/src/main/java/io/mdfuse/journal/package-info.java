/**
 * The md write journal (kernel: raid5-cache, r5l): a log on a device of its own that keeps writes until the members
 * have them.
 *
 * <p>Reading order: {@link io.mdfuse.journal.MetaBlockLayout} first, the on-disk format; then
 * {@link io.mdfuse.journal.Journal}, whose state diagram says what survives which crash; then
 * {@link io.mdfuse.journal.JournalScanner} for what recovery reads after a crash. Nothing in this package knows the
 * geometry of an array: the log names stripes and blocks by their sectors only. When the log is reclaimed, and how much
 * of it is reserved for which request, is decided by the caller.
 *
 * <h2>The format</h2>
 *
 * <p>{@link io.mdfuse.journal.LogArea} is the ring of 4 KiB blocks on the journal device;
 * {@link io.mdfuse.journal.LogPosition} names one meta block in it. {@link io.mdfuse.journal.MetaBlockWriter} builds
 * meta blocks, {@link io.mdfuse.journal.MetaBlockReader} validates and parses them into a
 * {@link io.mdfuse.journal.MetaBlock} with its {@link io.mdfuse.journal.Payload payloads}.
 * {@link io.mdfuse.journal.LogChecksum} is the checksum of meta blocks and pages.
 *
 * <h2>Appending and committing</h2>
 *
 * <p>A request is a list of {@link io.mdfuse.journal.StripeRun runs}, each with the new blocks of its slots
 * ({@link io.mdfuse.journal.DataColumn}). {@link io.mdfuse.journal.RequestSize} computes the log space that it needs,
 * {@link io.mdfuse.journal.RunChecksums} the checksums of its pages. {@link io.mdfuse.journal.Journal} copies it into a
 * {@link io.mdfuse.journal.StagingBuffer}, which holds one batch exactly as it is written, and returns a
 * {@link io.mdfuse.journal.LogTicket}. {@link io.mdfuse.journal.GroupCommit} decides which thread writes and flushes
 * the batch, and makes the other threads wait. After the first failed write or flush every call ends in a
 * {@link io.mdfuse.journal.JournalFailedException}.
 *
 * <h2>Log space and the tail</h2>
 *
 * <p>{@link io.mdfuse.journal.LogSpace} counts the sectors in use; {@link io.mdfuse.journal.JournalStatus} says where
 * the log stands. {@link io.mdfuse.journal.LogTail} moves the tail
 * past appends that are released, which its {@link io.mdfuse.journal.TicketQueue} knows, and so frees space.
 * {@link io.mdfuse.journal.TailStore} makes the tail durable; it is the only interface through which the journal calls
 * the code above it.
 *
 * <h2>Scanning</h2>
 *
 * <p>{@link io.mdfuse.journal.JournalScanner} starts a {@link io.mdfuse.journal.LogWalk} at the tail, which reads
 * through {@link io.mdfuse.journal.LogReadAhead} and reports each valid {@link io.mdfuse.journal.ScannedBlock}, with
 * its {@link io.mdfuse.journal.JournalRecord records}, and each {@link io.mdfuse.journal.ScannedGap} to a
 * {@link io.mdfuse.journal.BlockVisitor}; {@link io.mdfuse.journal.ScanResult} is the summary. Before the log is
 * started anew, recovery appends to its end with {@link io.mdfuse.journal.RecoveryLogWriter}.
 */
@NullMarked
package io.mdfuse.journal;

import org.jspecify.annotations.NullMarked;
