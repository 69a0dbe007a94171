#!/bin/sh
# Starts mdfuse with the Java runtime beside it. Works through symlinks and from any directory.
home=$(readlink -f "$0")
home=${home%/bin/mdfuse}

# The next file that is opened, perhaps a device of the array, would get the number of a descriptor that the caller
# closed, and output would be written into it. So a closed descriptor is replaced: 1 by a file that refuses writes, 2 by
# one that takes everything, 0 by an empty one.
{ true <&0; } 2>/dev/null || exec </dev/null
true >&2 || exec 2>/dev/null
{ true >&1; } 2>/dev/null || exec 1</dev/null

# Java options in the environment do not apply to this program.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS _JAVA_LAUNCHER_DEBUG JDK_AOT_VM_OPTIONS CLASSPATH

# Java converts file names to text and back by the locale's encoding. If that is ASCII, as in the locales C and POSIX
# and in a locale that this machine does not have, all other characters are lost. C.UTF-8 then keeps the names. LC_CTYPE
# alone does not change the language of messages, also of other programs; LC_ALL is needed if it is set or the locale
# does not exist.
if [ "$(locale charmap 2>/dev/null)" = ANSI_X3.4-1968 ]; then
  export LC_CTYPE=C.UTF-8
  if [ -n "$LC_ALL" ] || [ -n "$(locale 2>&1 >/dev/null)" ]; then export LC_ALL=C.UTF-8; fi
fi

# libfuse 2 mounts for a user by a program named fusermount; fusermount3 does the same work.
command -v fusermount >/dev/null || ! command -v fusermount3 >/dev/null || PATH=$PATH:$home/libexec

# The volume's data is outside Java's heap, so the heap is small, and the garbage collector with the shortest start is
# sufficient. An overlay in memory has its own limit; Java's limit for memory outside the heap, which follows the
# heap's, would be lower. The cache contains classes that are ready to run; if it does not fit, Java continues without
# it and without a message. Java reads no file of flags, and does not mention the one that it looks for in the working
# directory.
# Only a mount runs long enough for Java's second compiler, which makes faster code, to be worth its time. A mount of the
# tests does not: the second compiler would be half of its processor time.
compiler=-XX:TieredStopAtLevel=1
[ "${1-}" != mount ] || [ -n "${MDFUSE_ASSERTIONS-}" ] || compiler=
# A mount lives long: memory that Java's compilers needed and freed goes back to the system. Its new generation is large
# enough for what describes a cached stripe, which lives for seconds, to die there: in a smaller one it survives into the
# old generation, and this collector makes that larger, up to the limit, before it collects it.
# A mount also has a cache of its own, with counts of what runs often in a mount, so that Java compiles that at once.
memory=
cache=$home/lib/mdfuse.aot
if [ "${1-}" = mount ]; then
  memory="-XX:TrimNativeHeapInterval=5000 -Xms28m -Xmn16m -XX:SurvivorRatio=2"
  [ ! -e "$home/lib/mount.aot" ] || cache=$home/lib/mount.aot
fi
# At the address that the class cache was made for, its pages need no change and remain those of the file.
at_its_address="-XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
# jffi's library lies beside the jars, so that no start copies it to /tmp.
# MDFUSE_ASSERTIONS is for tests: it enables assertions, above all the check of the order in which threads acquire locks.
exec "$home/runtime/bin/java" ${MDFUSE_ASSERTIONS:+-ea:io.mdfuse...} -XX:Flags=/dev/null -XX:+UseSerialGC -Xms16m -Xmx256m \
  $compiler $memory $at_its_address -XX:MaxDirectMemorySize=8g -XX:-UsePerfData \
  -XX:AOTCache="$cache" -Djffi.boot.library.path="$home/lib" -Xlog:disable -Xlog:all=error,aot*=off,cds*=off:stderr \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$home/lib/*" io.mdfuse.cli.Mdfuse "$@"
