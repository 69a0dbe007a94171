/** Tests of the write paths: the write-out policy in every combination of conditions, the admission against a model. */
@org.jspecify.annotations.NullMarked
package io.mdfuse.raid.writepath;
