/** Parity over whole runs of memory: made from data, updated by a difference, solved for a lost block. */
@NullMarked
package io.mdfuse.raid.parity;

import org.jspecify.annotations.NullMarked;
