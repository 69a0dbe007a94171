/** What brings an array back: replay of the journal, resync of parity. */
@NullMarked
package io.mdfuse.raid.recovery;

import org.jspecify.annotations.NullMarked;
