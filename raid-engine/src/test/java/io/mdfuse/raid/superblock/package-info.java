/** Tests of the superblocks and of what they are to each other. */
@NullMarked
package io.mdfuse.raid.superblock;

import org.jspecify.annotations.NullMarked;
