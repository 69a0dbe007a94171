/** A long load on the smallest array there is, with an eye on the serving process's memory. */
@NullMarked
package io.mdfuse.soak;

import org.jspecify.annotations.NullMarked;
