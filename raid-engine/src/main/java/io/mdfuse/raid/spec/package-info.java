/**
 * Devices as users name them: an image or block device, or a part of one. What a verb gets is a
 * {@link io.mdfuse.device.BlockDevice} in each case.
 *
 * <p>Reading order: {@link io.mdfuse.raid.spec.DeviceSpec} is what a user wrote;
 * {@link io.mdfuse.raid.spec.SpecifiedDevice} opens it.
 *
 * <h2>Parts</h2>
 *
 * <p>A {@link io.mdfuse.raid.spec.DevicePart} is a partition or a range of bytes, with sizes as
 * {@link io.mdfuse.raid.spec.SizeText} reads them.
 *
 * <h2>Maps of rescued images</h2>
 *
 * <p>A {@link io.mdfuse.raid.spec.MapChoice} says which {@link io.mdfuse.raid.spec.RescueMap} an image has;
 * {@link io.mdfuse.raid.spec.MapFiles} finds it, and {@link io.mdfuse.raid.spec.RescueMapText} writes one.
 * {@link io.mdfuse.raid.spec.HealedMap} is the map of an image whose holes are being filled.
 */
@NullMarked
package io.mdfuse.raid.spec;

import org.jspecify.annotations.NullMarked;
