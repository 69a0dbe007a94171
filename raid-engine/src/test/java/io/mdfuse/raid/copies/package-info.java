/** Tests of arrays without parity: the layouts. Whole arrays are tested in the package array. */
@NullMarked
package io.mdfuse.raid.copies;

import org.jspecify.annotations.NullMarked;
