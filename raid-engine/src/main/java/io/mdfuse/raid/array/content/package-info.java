/**
 * Recognises the content of a volume, so that the mount can tell the user how to use it: the sector size that the
 * content was made for, and whether its log must be replayed.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.content.VolumeContent} is the result,
 * {@link io.mdfuse.raid.array.content.ContentRecognition} asks every {@link io.mdfuse.raid.array.content.VolumeProbe}
 * for it.
 *
 * <h2>Probes</h2>
 *
 * <p>{@link io.mdfuse.raid.array.content.ExtProbe}, {@link io.mdfuse.raid.array.content.BtrfsProbe} and
 * {@link io.mdfuse.raid.array.content.XfsProbe} with {@link io.mdfuse.raid.array.content.XfsLog} recognise file
 * systems that have a log; {@link io.mdfuse.raid.array.content.SignatureProbe} recognises all other contents by a few
 * bytes. All of them read the volume through {@link io.mdfuse.raid.array.content.VolumeBytes}.
 */
@NullMarked
package io.mdfuse.raid.array.content;

import org.jspecify.annotations.NullMarked;
