/**
 * Looks at the devices of an array as they are, for people who study them: {@link io.mdfuse.raid.xray.JournalXray} tells
 * what a journal holds, which {@link io.mdfuse.raid.xray.JournalRing} draws and
 * {@link io.mdfuse.raid.xray.JournalBlockLines} lists; {@link io.mdfuse.raid.xray.StripeXray} shows one stripe,
 * {@link io.mdfuse.raid.xray.StripeBlock} each of its blocks, and {@link io.mdfuse.raid.xray.StripeFit} whether they fit
 * each other. Nothing is written, replayed or repaired, and no lock is taken.
 */
@NullMarked
package io.mdfuse.raid.xray;

import org.jspecify.annotations.NullMarked;
