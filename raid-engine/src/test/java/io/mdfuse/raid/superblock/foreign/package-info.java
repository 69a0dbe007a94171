/** Tests of what is recognised on devices. */
@NullMarked
package io.mdfuse.raid.superblock.foreign;

import org.jspecify.annotations.NullMarked;
