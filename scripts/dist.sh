#!/usr/bin/env bash
# Assembles dist/mdfuse: bin/mdfuse, lib/*.jar, and runtime/, a Java runtime that needs nothing from the machine. The
# runtime and the class cache are kept if their inputs have not changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
cd "$here/.."
dist=dist/mdfuse
# What mdfuse and its libraries use of the JDK, as jdeps reports it for the jars in lib.
modules=java.base,java.logging,java.management,jdk.unsupported
# Java options in the user's environment must not apply here; the launcher drops them too.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
log=$(mktemp)
rehearsal=$(mktemp -d)
trap 'rm -rf "$log" "$rehearsal"' EXIT

# Runs a step whose output matters only if it fails. jlink writes its errors on standard output.
step() {
  local what=$1
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "$what failed; the command was: $*" >&2; exit 1; }
}

mkdir -p "$dist/bin"
# --strip-debug would strip the native libraries too. That takes objcopy of binutils, and JDKs come with them stripped.
options=(--strip-java-debug-attributes --no-header-files --no-man-pages --generate-cds-archive)
runtime_made_from="$(cat "$JAVA_HOME/release") $modules ${options[*]}"
if [ "$(cat "$dist/runtime/linked-from" 2>/dev/null)" != "$runtime_made_from" ]; then
  echo "  linking a Java runtime of $modules"
  rm -rf "$dist/runtime"
  step "linking the Java runtime" "$JAVA_HOME/bin/jlink" --add-modules "$modules" "${options[@]}" --output "$dist/runtime"
  echo "$runtime_made_from" >"$dist/runtime/linked-from"
fi
rm -rf "$dist/lib.new"
cp -r fuse-frontend/target/lib "$dist/lib.new"
cp fuse-frontend/target/fuse-frontend-*.jar "$dist/lib.new/"
step "lifting old classes" "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$here/LiftClasses.java" "$dist/lib.new"
cp LICENSE "$dist/"
install -m 755 scripts/launcher.sh "$dist/bin/mdfuse"
mkdir -p "$dist/libexec"
install -m 755 scripts/fusermount.sh "$dist/libexec/fusermount"

# Real commands show which classes a start needs; a cache of these classes takes two thirds off the time of a start. The
# cache records the times of the jars, so a jar with unchanged content is not replaced. It records no profile of the
# methods: compiling by such a profile costs a short command more than it saves.
jars() { (cd "$1" 2>/dev/null && sha256sum ./*.jar); }
rehearsed_from="$runtime_made_from $(jars "$dist/lib.new")"
if [ -e "$dist/lib/mdfuse.aot" ] && [ "$(cat "$dist/lib/rehearsed-from" 2>/dev/null)" = "$rehearsed_from" ]; then
  rm -rf "$dist/lib.new"
  exit 0
fi
rm -rf "$dist/lib"
mv "$dist/lib.new" "$dist/lib"
echo "  rehearsing a start"
truncate -s 8M "$rehearsal"/{0,1,2,journal}
rehearsed=(create --level 5 --raid-devices 3 --write-journal "$rehearsal"/{journal,0,1,2} ';'
  examine "$rehearsal"/{journal,0} ';' examine --json "$rehearsal/0")
step "rehearsing a start" "$dist/runtime/bin/java" -XX:+UseSerialGC -Xms16m -Xmx256m -Xlog:disable \
  -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput="$dist/lib/mdfuse.aot" \
  --enable-native-access=ALL-UNNAMED -cp "$(realpath "$dist")/lib/*" io.mdfuse.cli.Rehearsal "${rehearsed[@]}"
echo "$rehearsed_from" >"$dist/lib/rehearsed-from"
