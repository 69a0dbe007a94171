@NullMarked
package io.mdfuse.raid.geometry;

import org.jspecify.annotations.NullMarked;
