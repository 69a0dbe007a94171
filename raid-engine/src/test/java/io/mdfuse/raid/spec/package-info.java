/** Tests of devices as users name them. */
@NullMarked
package io.mdfuse.raid.spec;

import org.jspecify.annotations.NullMarked;
