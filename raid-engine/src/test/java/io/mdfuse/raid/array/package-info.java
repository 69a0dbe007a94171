/**
 * Tests of complete arrays on simulated disks.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.ArrayShape} and {@link io.mdfuse.raid.array.PolicyShape} make small
 * arrays, and {@link io.mdfuse.raid.array.VolumeModel} knows which content each block may have.
 *
 * <h2>Crashes</h2>
 *
 * <p>The tests whose names end in CrashTest cut the power at every event of a workload and open the array again;
 * {@link io.mdfuse.raid.array.CrashEnumerationTest} is the simplest. {@link io.mdfuse.raid.array.RecoveredTwice} also
 * interrupts the recovery.
 *
 * <h2>Failing devices</h2>
 *
 * <p>The tests whose names end in SweepTest let a device fail at every I/O of a workload, with
 * {@link io.mdfuse.raid.array.SweptArray} and {@link io.mdfuse.raid.array.FaultKind}.
 */
@NullMarked
package io.mdfuse.raid.array;

import org.jspecify.annotations.NullMarked;
