/** How a write becomes safe: straight to the members with the array marked dirty, or through the journal. */
@NullMarked
package io.mdfuse.raid.writepath;

import org.jspecify.annotations.NullMarked;
