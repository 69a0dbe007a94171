/**
 * Storage addressed by byte, and nothing about RAID.
 *
 * what a real array stands on. The test-jar of this module holds the crash disk, which forgets what was not
 * flushed, and the contract that every device has to pass.
 */
@NullMarked
package io.mdfuse.device;

import org.jspecify.annotations.NullMarked;
