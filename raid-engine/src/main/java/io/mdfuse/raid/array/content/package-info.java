/**
 * What a volume holds, as far as a user who wants to mount it has to know: which sector size it was made for, and
 * whether its log must be replayed. Read {@link io.mdfuse.raid.array.content.VolumeContent} first.
 */
@NullMarked
package io.mdfuse.raid.array.content;

import org.jspecify.annotations.NullMarked;
