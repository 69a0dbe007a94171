#!/bin/sh
# Starts mdfuse with the Java runtime beside it. Works through symlinks and from any directory.
home=$(readlink -f "$0")
home=${home%/bin/mdfuse}
# The bytes served live outside Java's heap, so the heap stays small; the collector with the shortest start serves it.
# The archive holds the classes ready to run; where it does not fit, Java goes on without it.
exec "$home/runtime/bin/java" -XX:+UseSerialGC -Xms16m -Xmx256m -XX:-UsePerfData -Xshare:auto \
  -XX:SharedArchiveFile="$home/lib/mdfuse.jsa" -Xlog:disable -Xlog:all=error,cds*=off:stderr \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$home/lib/*" io.mdfuse.cli.Mdfuse "$@"
