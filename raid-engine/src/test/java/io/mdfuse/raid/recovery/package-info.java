@NullMarked
package io.mdfuse.raid.recovery;

import org.jspecify.annotations.NullMarked;
