/**
 * What an md device says about itself: its version-1 superblock, and the two areas beside it that must never be
 * believed after us (the write-intent bitmap and the partial parity log).
 *
 * <p>Reading order: {@link io.mdfuse.raid.superblock.SuperblockLayout} is the format,
 * {@link io.mdfuse.raid.superblock.SuperblockCodec} the law that decides whether 4096 bytes are one,
 * {@link io.mdfuse.raid.superblock.Superblock} the view of an accepted one and
 * {@link io.mdfuse.raid.superblock.SuperblockEditor} the way to a changed one.
 * {@link io.mdfuse.raid.superblock.ResyncOffset} says how far parity is known to be correct,
 * {@link io.mdfuse.raid.superblock.RecoveryPosition} how much of its slot a member holds.
 * {@link io.mdfuse.raid.superblock.SuperblockLocator} finds it on a device,
 * {@link io.mdfuse.raid.superblock.Assembly} decides what several devices are to each other, and
 * {@link io.mdfuse.raid.superblock.store.SuperblockStore} keeps them up to date while the array is open.
 *
 * <p>{@link io.mdfuse.raid.superblock.ConsistencyPolicy} and {@link io.mdfuse.raid.superblock.JournalMode} are md's
 * words for how an array survives a crash; the mode is the only one of them that no superblock keeps.
 */
@NullMarked
package io.mdfuse.raid.superblock;

import org.jspecify.annotations.NullMarked;
