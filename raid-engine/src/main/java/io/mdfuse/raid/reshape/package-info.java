/**
 * An array during a reshape, for reading: which part of the volume lies in the old shape and which in the new one.
 *
 * <p>Reading order: {@link io.mdfuse.raid.reshape.ReshapePlan} has the two shapes and the position between them;
 * {@link io.mdfuse.raid.reshape.ReshapedReader} reads each part in its shape.
 */
@NullMarked
package io.mdfuse.raid.reshape;

import org.jspecify.annotations.NullMarked;
