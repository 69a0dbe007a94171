/**
 * The md write journal (r5l): append, commit, scan, trim. It describes itself, so it needs no geometry.
 */
@NullMarked
package io.mdfuse.journal;

import org.jspecify.annotations.NullMarked;
