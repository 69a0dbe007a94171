/** Stripes: who may touch them, how a lost block is solved for, and what a write has to read to keep parity right. */
@NullMarked
package io.mdfuse.raid.stripe;

import org.jspecify.annotations.NullMarked;
