/** The array as a whole: what is mounted, assembled and created. */
@NullMarked
package io.mdfuse.raid.array;

import org.jspecify.annotations.NullMarked;
