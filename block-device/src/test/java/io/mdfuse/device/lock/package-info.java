/** Tests of the order of locks, and what the tests of all modules use to keep to it. */
@NullMarked
package io.mdfuse.device.lock;

import org.jspecify.annotations.NullMarked;
