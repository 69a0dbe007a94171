@NullMarked
package io.mdfuse.raid.array;

import org.jspecify.annotations.NullMarked;
