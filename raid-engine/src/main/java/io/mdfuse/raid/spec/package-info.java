/**
 * Devices as users name them: an image or block device, or a part of one. What a verb gets is a
 * {@link io.mdfuse.device.BlockDevice} in each case.
 *
 * <p>Reading order: {@link io.mdfuse.raid.spec.DeviceSpec} is what a user wrote, with the
 * {@link io.mdfuse.raid.spec.DevicePart} that is meant and sizes by {@link io.mdfuse.raid.spec.SizeText};
 * {@link io.mdfuse.raid.spec.SpecifiedDevice} opens it. Which {@link io.mdfuse.raid.spec.RescueMap} an image has is a
 * {@link io.mdfuse.raid.spec.MapChoice}; {@link io.mdfuse.raid.spec.MapFiles} finds it.
 */
@NullMarked
package io.mdfuse.raid.spec;

import org.jspecify.annotations.NullMarked;
