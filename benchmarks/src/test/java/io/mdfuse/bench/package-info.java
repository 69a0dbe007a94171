/**
 * What the benchmarks need beside mdfuse itself.
 */
@NullMarked
package io.mdfuse.bench;

import org.jspecify.annotations.NullMarked;
