/**
 * Recovery of the members after a crash, while an array is opened: from the write journal, or from partial parity logs.
 * It runs before any request, under a lease on all stripes.
 *
 * <h2>The journal</h2>
 *
 * <p>Reading order: {@link io.mdfuse.raid.recovery.JournalRecovery} scans the log and starts the replay;
 * {@link io.mdfuse.raid.recovery.ReplayIndex} collects its records by stripe, each a
 * {@link io.mdfuse.raid.recovery.StripeReplay}; {@link io.mdfuse.raid.recovery.ReplayCase} is the decision table, which
 * {@link io.mdfuse.raid.recovery.JournalReplay} applies to every stripe. Data that a logged parity covers is read and
 * solved by {@link io.mdfuse.raid.recovery.DataParityStripe}; a stripe with other data gets its parity from
 * {@link io.mdfuse.raid.recovery.DataOnlyStripes}. {@link io.mdfuse.raid.recovery.ReplayReport} has the messages for
 * the user. {@link io.mdfuse.raid.recovery.JournalSurvey} tells what a journal holds without replaying it.
 *
 * <h2>Partial parity logs</h2>
 *
 * <p>{@link io.mdfuse.raid.recovery.PplRecovery} makes the parity of the stripes in the members' logs;
 * {@link io.mdfuse.raid.recovery.PplEntryRange} says which stripes and data slots an entry of such a log describes.
 */
@NullMarked
package io.mdfuse.raid.recovery;

import org.jspecify.annotations.NullMarked;
