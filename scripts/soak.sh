#!/usr/bin/env bash
# Writes at random to an array in write-back mode with the smallest journal and the smallest cache, checks every block,
# and fails if the memory of the serving process grows. Prints heap and resident memory over time.
# Usage: soak.sh [DIRECTORY]      default: a temporary directory; SECONDS_LONG (default 600) is how long it takes
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
mdfuse=$PWD/dist/mdfuse/bin/mdfuse
work=$(mktemp -d "${1:-/tmp}/mdfuse-soak.XXXXXX")
cleanup() {
  "$mdfuse" umount "$work/mnt" >/dev/null 2>&1 || fusermount -uz "$work/mnt" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

JAVA_HOME=$("$here/jdk.sh")
"$here/maven.sh" -q test-compile -pl integration-tests -am
soak() {
  "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "integration-tests/target/test-classes:dist/mdfuse/lib/*" io.mdfuse.soak.Soak "$@"
}

members=("$work"/disk{0,1,2,3}.img)
truncate -s 64M "${members[@]}"
truncate -s "$(soak)" "$work/journal.img"
mkdir "$work/mnt"
"$mdfuse" create --level 5 --raid-devices 4 --chunk 64K --write-journal "$work/journal.img" "${members[@]}"
"$mdfuse" mount --journal-mode write-back --stripe-cache-size 17 --log "$work/log" "${members[@]}" "$work/journal.img" "$work/mnt"
pid=$(getfattr --only-values --absolute-names -n user.mdfuse.pid "$work"/mnt/*)
soak "$work/mnt" "$pid" "${SECONDS_LONG:-600}"
"$mdfuse" umount "$work/mnt"
cat "$work/log" 2>/dev/null || true
