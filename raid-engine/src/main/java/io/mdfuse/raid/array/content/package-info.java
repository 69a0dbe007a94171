/**
 * Recognises the content of a volume, as far as a user who wants to mount it has to know: the sector size that the
 * content was made for, and whether its log must be replayed.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.content.VolumeContent} is the result,
 * {@link io.mdfuse.raid.array.content.ContentRecognition} asks every {@code VolumeProbe} for it.
 *
 * <h2>Probes</h2>
 *
 * <p>{@code ExtProbe}, {@code BtrfsProbe} and {@code XfsProbe} with {@code XfsLog} know file systems that have a log;
 * {@code SignatureProbe} recognises everything else by a few bytes. All read the volume through {@code VolumeBytes}.
 */
@NullMarked
package io.mdfuse.raid.array.content;

import org.jspecify.annotations.NullMarked;
