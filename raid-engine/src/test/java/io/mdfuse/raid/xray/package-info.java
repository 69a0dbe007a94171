@NullMarked
package io.mdfuse.raid.xray;

import org.jspecify.annotations.NullMarked;
