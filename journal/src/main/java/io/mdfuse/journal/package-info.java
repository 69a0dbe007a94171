/**
 * The md write journal (r5l): append, commit, scan, trim. The journal describes itself, so nothing in here knows a
 * geometry; when to trim and what a stripe is are questions of the floor above.
 *
 * <p>A reading order: {@link io.mdfuse.journal.MetaBlockLayout} is the format; {@link io.mdfuse.journal.LogArea} the
 * ring it lies in and {@link io.mdfuse.journal.LogChecksum} what makes a block of it credible. {@link
 * io.mdfuse.journal.Journal} is the writing side (its state diagram says what may be trusted when), built of {@code
 * StagingBuffer} (one batch, laid out as it will lie on disk) and {@code GroupCommit} (who writes it, and who waits).
 * {@link io.mdfuse.journal.JournalScanner} is the reading side, with a verdict for each block; {@link
 * io.mdfuse.journal.TailStore} is the journal's one word to the floor above.
 */
@NullMarked
package io.mdfuse.journal;

import org.jspecify.annotations.NullMarked;
