/** Tests of the command line that need no mount. */
@NullMarked
package io.mdfuse.cli;

import org.jspecify.annotations.NullMarked;
