#!/bin/sh
# Starts mdfuse with the Java runtime beside it. Works through symlinks and from any directory.
home=$(readlink -f "$0")
home=${home%/bin/mdfuse}
# The bytes served live outside Java's heap, so the heap stays small, and the collector with the shortest start serves it.
# The cache holds classes ready to run; where it does not fit, Java goes on without it and says nothing.
exec "$home/runtime/bin/java" -XX:+UseSerialGC -Xms16m -Xmx256m -XX:-UsePerfData -XX:AOTCache="$home/lib/mdfuse.aot" \
  -Xlog:disable -Xlog:all=error,aot*=off,cds*=off:stderr --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -cp "$home/lib/*" io.mdfuse.cli.Mdfuse "$@"
