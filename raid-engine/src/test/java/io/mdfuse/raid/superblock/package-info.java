/** Tests of the metadata formats, of finding superblocks, and of assembling an array. */
@NullMarked
package io.mdfuse.raid.superblock;

import org.jspecify.annotations.NullMarked;
