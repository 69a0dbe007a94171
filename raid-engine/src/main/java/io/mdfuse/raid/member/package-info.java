/** The members of an array: who is in sync, what a failure means, and how all are flushed. */
@NullMarked
package io.mdfuse.raid.member;

import org.jspecify.annotations.NullMarked;
