@NullMarked
package io.mdfuse.raid.stripe;

import org.jspecify.annotations.NullMarked;
