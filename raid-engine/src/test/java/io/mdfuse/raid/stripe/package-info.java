/** Tests of the stripe level, each against a model or over every combination of its conditions. */
@NullMarked
package io.mdfuse.raid.stripe;

import org.jspecify.annotations.NullMarked;
