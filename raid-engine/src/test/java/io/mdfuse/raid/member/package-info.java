@NullMarked
package io.mdfuse.raid.member;

import org.jspecify.annotations.NullMarked;
