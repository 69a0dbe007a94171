/**
 * The command line. {@link io.mdfuse.cli.Mdfuse} is the root, and each verb is one command class beside it;
 * {@link io.mdfuse.cli.ErrorLines} turns whatever goes wrong into one line and an exit status.
 */
@NullMarked
package io.mdfuse.cli;

import org.jspecify.annotations.NullMarked;
