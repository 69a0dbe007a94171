/**
 * Tests of mdfuse as users run it: the program that {@code make build} makes, real mounts, and the real md driver to
 * check results.
 *
 * <p>Reading order: {@link io.mdfuse.integration.MountedArray} (one running mount, and how it is killed),
 * {@link io.mdfuse.integration.WorkPattern} (content that says which write it came from),
 * {@link io.mdfuse.integration.Oracle} (the real md driver, applied to images), then the tests. A test that needs
 * something a machine may not have asks {@link io.mdfuse.integration.Needs}, which skips the test and says in one line
 * what is missing.
 */
@NullMarked
package io.mdfuse.integration;

import org.jspecify.annotations.NullMarked;
