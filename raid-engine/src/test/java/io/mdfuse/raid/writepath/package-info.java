/** The journal's use as a cache: its policy over every combination of conditions, its admission against a model. */
@org.jspecify.annotations.NullMarked
package io.mdfuse.raid.writepath;
