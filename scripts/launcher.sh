#!/bin/sh
# Starts mdfuse with the Java runtime beside it. Works through symlinks and from any directory.
home=$(readlink -f "$0")
home=${home%/bin/mdfuse}

# A descriptor that the caller closed would be the next file that is opened, perhaps a device of the array, and what is
# printed would be written into it. These stand-ins refuse to be written (1), take everything (2) and are empty (0).
{ true <&0; } 2>/dev/null || exec </dev/null
true >&2 || exec 2>/dev/null
{ true >&1; } 2>/dev/null || exec 1</dev/null

# What the environment tells every Java machine is not for this one.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS _JAVA_LAUNCHER_DEBUG JDK_AOT_VM_OPTIONS CLASSPATH

# Java turns the bytes of names into text and back by the locale's encoding, and in ASCII all but ASCII is lost: in the
# locales C and POSIX, and in one that this machine does not have. C.UTF-8 then keeps the names. LC_CTYPE alone leaves
# the language of messages as it is, other programs' too; LC_ALL is needed if it is set or the locale does not exist.
if [ "$(locale charmap 2>/dev/null)" = ANSI_X3.4-1968 ]; then
  export LC_CTYPE=C.UTF-8
  if [ -n "$LC_ALL" ] || [ -n "$(locale 2>&1 >/dev/null)" ]; then export LC_ALL=C.UTF-8; fi
fi

# libfuse 2 mounts for a user by a program named fusermount; fusermount3 does the same work.
command -v fusermount >/dev/null || ! command -v fusermount3 >/dev/null || PATH=$PATH:$home/libexec

# The bytes served live outside Java's heap, so the heap stays small, and the collector with the shortest start serves it.
# An overlay in memory keeps its own limit; Java's for memory outside the heap, which follows the heap's, would be less.
# The cache holds classes ready to run; if it does not fit, Java goes on without it and says nothing. No file of flags is
# read, and the one that Java looks for in the working directory is not spoken of.
exec "$home/runtime/bin/java" -XX:Flags=/dev/null -XX:+UseSerialGC -Xms16m -Xmx256m \
  -XX:MaxDirectMemorySize=8g -XX:-UsePerfData \
  -XX:AOTCache="$home/lib/mdfuse.aot" -Xlog:disable -Xlog:all=error,aot*=off,cds*=off:stderr \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$home/lib/*" io.mdfuse.cli.Mdfuse "$@"
