/**
 * A long load on the smallest possible array, with a check of the serving process's memory.
 */
@NullMarked
package io.mdfuse.soak;

import org.jspecify.annotations.NullMarked;
