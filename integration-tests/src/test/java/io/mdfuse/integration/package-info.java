/**
 * mdfuse as its users meet it: the program that {@code make build} leaves, real mounts, and the real md driver as
 * second judge.
 *
 * <p>Reading order: {@link io.mdfuse.integration.MountedArray} (one running mount, and how its plug is pulled),
 * {@link io.mdfuse.integration.WorkPattern} (content that says which write it came from), {@link
 * io.mdfuse.integration.Oracle} (what md says of our images), then the tests. A test that needs what a machine may lack
 * asks {@link io.mdfuse.integration.Needs}, which says in one line what was missing.
 */
@NullMarked
package io.mdfuse.integration;

import org.jspecify.annotations.NullMarked;
