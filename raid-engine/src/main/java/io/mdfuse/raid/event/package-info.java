/**
 * Events: what happened to an open array, each one a value with a name, a severity and a line of text. Every package of
 * the engine may report an {@link io.mdfuse.raid.event.ArrayEvent}; the frontend takes them from the
 * {@link io.mdfuse.raid.event.ArrayEvents} of an open array. The package uses no other package of the engine, so that
 * the packages that report and the frontend can both depend on it. The progress of a recovery is told in the same way,
 * while the array is being opened: {@link io.mdfuse.raid.event.RecoveryProgress}.
 *
 * <p>Reading order: {@link io.mdfuse.raid.event.ArrayEvent} with the table of all events, then
 * {@link io.mdfuse.raid.event.ArrayEvents}, the queue between the engine and the frontend.
 */
@NullMarked
package io.mdfuse.raid.event;

import org.jspecify.annotations.NullMarked;
