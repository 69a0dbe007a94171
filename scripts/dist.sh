#!/usr/bin/env bash
# Gathers dist/mdfuse: bin/mdfuse, lib/*.jar, and runtime/, a Java runtime that needs nothing from the machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
cd "$here/.."
dist=dist/mdfuse
# What mdfuse and its libraries use of the JDK, as jdeps reports it for the jars in lib.
modules=java.base,java.logging,java.management,jdk.unsupported

mkdir -p "$dist/bin"
stamp="$(cat "$JAVA_HOME/release") $modules"
if [ "$(cat "$dist/runtime/linked-from" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$dist/runtime"
  "$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
    --generate-cds-archive --output "$dist/runtime" >/dev/null
  echo "$stamp" >"$dist/runtime/linked-from"
fi
rm -rf "$dist/lib"
cp -r fuse-frontend/target/lib "$dist/lib"
cp fuse-frontend/target/fuse-frontend-*.jar "$dist/lib/"
cp LICENSE "$dist/"
install -m 755 scripts/launcher.sh "$dist/bin/mdfuse"
# One run in earnest shows which classes a start needs; kept ready to run, they halve the time it takes.
rehearsal=$(mktemp -d)
trap 'rm -rf "$rehearsal"' EXIT
truncate -s 8M "$rehearsal"/{0,1,2,journal}
"$dist/runtime/bin/java" -XX:+UseSerialGC -Xms16m -Xmx256m -Xlog:disable -XX:AOTCacheOutput="$dist/lib/mdfuse.aot" \
  --enable-native-access=ALL-UNNAMED -cp "$(realpath "$dist")/lib/*" io.mdfuse.cli.Mdfuse \
  create --level 5 --raid-devices 3 --write-journal "$rehearsal"/{journal,0,1,2} >"$rehearsal/log" 2>&1 ||
  { cat "$rehearsal/log" >&2; exit 1; }
