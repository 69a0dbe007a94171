/**
 * The locks of the program, and the check that every thread acquires them in one order, so that no deadlock is
 * possible.
 *
 * <p>Reading order: {@link io.mdfuse.device.lock.LockRank} first, the list of all locks with what each guards; then
 * {@link io.mdfuse.device.lock.RankedLock}; then {@link io.mdfuse.device.lock.LockOrder} for the check. The page
 * docs/architecture/threads-and-locks.md has the same list, with what a thread does while it holds each lock.
 *
 * <h2>The locks</h2>
 *
 * <p>{@link io.mdfuse.device.lock.RankedLock} is a reentrant lock with conditions,
 * {@link io.mdfuse.device.lock.RankedReadWriteLock} a reentrant read-write lock. No other kind of lock, and no monitor,
 * is used in this program. Each lock has a {@link io.mdfuse.device.lock.LockRank}.
 *
 * <h2>The check</h2>
 *
 * <p>With assertions enabled, {@link io.mdfuse.device.lock.LockOrder} records which locks each thread holds and throws
 * at the first acquisition in a wrong order, even if no other thread competes for the locks. The leases on stripes are
 * no locks of this package, but call {@link io.mdfuse.device.lock.LockOrder} as well.
 */
@NullMarked
package io.mdfuse.device.lock;

import org.jspecify.annotations.NullMarked;
