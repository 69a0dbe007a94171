/**
 * Locks that know the order in which they may be acquired.
 *
 * <p>Reading order: {@link io.mdfuse.device.lock.LockRank} lists every lock of the program, outermost first, and what
 * each guards. {@link io.mdfuse.device.lock.RankedLock} and {@link io.mdfuse.device.lock.RankedReadWriteLock} are the
 * locks; no other kind, and no monitor, is used in this program. {@link io.mdfuse.device.lock.LockOrder} notes what
 * each thread holds, if assertions are enabled, and throws at the first acquisition in a wrong order; the leases on
 * stripes ask it directly.
 */
@NullMarked
package io.mdfuse.device.lock;

import org.jspecify.annotations.NullMarked;
