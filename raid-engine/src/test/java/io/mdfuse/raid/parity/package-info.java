@NullMarked
package io.mdfuse.raid.parity;

import org.jspecify.annotations.NullMarked;
