/** Tests of what is recognised on devices. */
@NullMarked
package io.mdfuse.raid.foreign;

import org.jspecify.annotations.NullMarked;
