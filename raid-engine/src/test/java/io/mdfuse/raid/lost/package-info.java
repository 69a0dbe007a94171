@NullMarked
package io.mdfuse.raid.lost;

import org.jspecify.annotations.NullMarked;
