#!/usr/bin/env bash
# Assembles dist/mdfuse: bin/mdfuse, lib/*.jar, runtime/, a Java runtime that needs nothing from the machine, and what an
# installation puts elsewhere: share/, libexec/ and install.sh. The runtime and the class cache are kept if their inputs
# have not changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
cd "$here/.."
dist=dist/mdfuse
# What mdfuse and its libraries use of the JDK, as jdeps reports it for the jars in lib.
modules=java.base,java.logging,java.management,jdk.httpserver,jdk.jfr,jdk.unsupported
# Java options in the user's environment must not apply here; the launcher drops them too.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
log=$(mktemp)
# In memory if that is possible, since a rehearsal under load is then quicker.
rehearsal=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'unmount_rehearsal; rm -rf "$log" "$rehearsal"' EXIT
unmount_rehearsal() {
  mountpoint -q "$rehearsal/mnt" || return 0
  fusermount3 -u "$rehearsal/mnt" || fusermount -u "$rehearsal/mnt" || umount "$rehearsal/mnt"
} 2>/dev/null

# Runs a step whose output matters only if it fails. jlink writes its errors on standard output.
step() {
  local what=$1
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "$what failed; the command was: $*" >&2; exit 1; }
}

mkdir -p "$dist/bin"
# --strip-debug would strip the native libraries too. That takes objcopy of binutils, which not every machine has; `make
# dist` does it. Compressed classes are 15 MB less; those that a start needs come from the class cache below, which also
# stands in for Java's own class archives (29 MB).
options=(--strip-java-debug-attributes --no-header-files --no-man-pages --compress=zip-6)
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
step "dropping what other platforms need" "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$here/LeanJars.java" "$dist/lib.new"
cp LICENSE "$dist/"
install -m 755 scripts/launcher.sh "$dist/bin/mdfuse"
mkdir -p "$dist/libexec"
install -m 755 scripts/fusermount.sh "$dist/libexec/fusermount"
install -m 755 scripts/package/mount.mdfuse.sh "$dist/libexec/mount.mdfuse"
install -m 755 scripts/package/umount.mdfuse.sh "$dist/libexec/umount.mdfuse"
install -m 755 scripts/package/install.sh "$dist/install.sh"

version=$(sed -n 's:.*<version>\(.*\)</version>.*:\1:p;T;q' pom.xml)
# All files have the time that the jars' entries have, so that a package made again has the same times.
time=$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</.*:\1:p' pom.xml)
rm -rf "$dist/share"
mkdir -p "$dist"/share/{man/man1,man/man8,bash-completion,zsh,systemd,doc}
sed "s/@VERSION@/$version/; s/@DATE@/${time%T*}/" scripts/package/mount.mdfuse.8 >"$dist/share/man/man8/mount.mdfuse.8"
for name in mount.fuse.mdfuse umount.mdfuse umount.fuse.mdfuse; do
  echo ".so man8/mount.mdfuse.8" >"$dist/share/man/man8/$name.8"
done
step "making the man pages" "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
  -cp "$dist/lib.new/*" scripts/package/ManPages.java "$dist/share/man/man1" "$version" "${time%T*}"
# It is read by a shell and not run.
sed '1{/^#!/d}' "$dist/share/man/man1/mdfuse.bash" >"$dist/share/bash-completion/mdfuse"
rm "$dist/share/man/man1/mdfuse.bash"
cp scripts/package/zsh-completion "$dist/share/zsh/_mdfuse"
cp "scripts/package/mdfuse@.service" "$dist/share/systemd/"
cp scripts/package/example.conf "$dist/share/doc/"
same_times() { find "$dist" -exec touch --no-dereference -d "$time" {} +; }

# Real commands show which classes a start needs; a cache of these classes takes two thirds off the time of a start. The
# cache records the times of the jars, so a jar with unchanged content is not replaced. It records no profile of the
# methods: compiling by such a profile costs a short command more than it saves. A mount has a cache of its own, below.
jars() { (cd "$1" 2>/dev/null && sha256sum ./*.jar ./*.so); }
rehearsed_from="$runtime_made_from $(jars "$dist/lib.new") $(sha256sum <"${BASH_SOURCE[0]}")"
if [ -e "$dist/lib/mdfuse.aot" ] && [ "$(cat "$dist/lib/rehearsed-from" 2>/dev/null)" = "$rehearsed_from" ]; then
  rm -rf "$dist/lib.new"
  same_times
  exit 0
fi
rm -rf "$dist/lib"
mv "$dist/lib.new" "$dist/lib"
# No machine code goes into the caches: Java would make it for the processor of this machine and run it on any other one,
# where it ends with an illegal instruction if that processor is older.
java=("$dist/runtime/bin/java" -XX:+UseSerialGC -Xms16m -Xmx256m -Xlog:disable -XX:+UnlockDiagnosticVMOptions
  -XX:-AOTAdapterCaching -XX:-AOTStubCaching
  -Djffi.boot.library.path="$(realpath "$dist")/lib" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$(realpath "$dist")/lib/*")
same_times
echo "  rehearsing a start"
truncate -s 8M "$rehearsal"/{0,1,2,journal}
rehearsed=(create --level 5 --raid-devices 3 --write-journal "$rehearsal"/{journal,0,1,2} ';'
  examine "$rehearsal"/{journal,0} ';' examine --json "$rehearsal/0")
step "rehearsing a start" "${java[@]}" -XX:-AOTRecordTraining -XX:AOTCacheOutput="$dist/lib/mdfuse.aot" \
  io.mdfuse.cli.Rehearsal "${rehearsed[@]}"

# A mount is slow at first, since Java interprets its code, then counts what runs often, and only then compiles it well.
# The cache for mounts also has these counts, of a mount under load. Where nothing can be mounted it is not made, and
# mounts use the first cache.
# Eight programs read a part of the file and eight write it: for so many seconds at most, in blocks of so many KiB, and
# with dd's further words for the writers.
reads_and_writes() {
  local file=$1 seconds=$2 kib=$3 blocks i
  shift 3
  blocks=$((12 * 1024 / kib))
  for i in 0 1 2 3 4 5 6 7; do
    timeout "$seconds" dd if=/dev/zero of="$file" bs="${kib}K" seek=$((i * blocks)) count=$blocks conv=notrunc "$@" &
    timeout "$seconds" dd if="$file" of=/dev/null bs="${kib}K" skip=$((i * blocks)) count=$blocks iflag=direct &
  done
  wait_for_all_but "$server"
} 2>/dev/null
wait_for_all_but() {
  local job
  for job in $(jobs -p); do [ "$job" = "$1" ] || wait "$job" || true; done
}
rehearse_mount() {
  local i
  truncate -s 32M "$rehearsal"/m{0,1,2,3,j}
  mkdir "$rehearsal/mnt"
  "$dist/bin/mdfuse" create --assume-clean --level 5 --raid-devices 4 --name load --write-journal "$rehearsal"/m{j,0,1,2,3} \
    >"$log" 2>&1 || return 1
  "${java[@]}" -XX:AOTCacheOutput="$dist/lib/mount.aot" io.mdfuse.cli.Mdfuse mount --foreground "$rehearsal"/m{0,1,2,3,j} \
    "$rehearsal/mnt" >"$log" 2>&1 &
  server=$!
  for ((i = 0; i < 600; i++)); do
    [ -e "$rehearsal/mnt/load" ] && break
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.1
  done
  [ -e "$rehearsal/mnt/load" ] || { kill "$server"; return 1; }
  for i in 1 2 3; do
    reads_and_writes "$rehearsal/mnt/load" 10 4 oflag=direct
    reads_and_writes "$rehearsal/mnt/load" 2 64 oflag=direct
    reads_and_writes "$rehearsal/mnt/load" 2 1024 conv=notrunc,fsync
  done
  # At its end Java makes the cache.
  unmount_rehearsal || kill "$server"
  wait "$server"
}
if [ -e /dev/fuse ]; then
  echo "  rehearsing a mount under load, for up to a minute"
  rehearse_mount || {
    rm -f "$dist/lib/mount.aot"
    echo "  no mount can be rehearsed here: mounts will be slower in their first minute"
  }
fi
echo "$rehearsed_from" >"$dist/lib/rehearsed-from"
