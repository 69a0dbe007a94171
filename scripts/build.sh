#!/usr/bin/env bash
# Builds dist/mdfuse, if any of its inputs has changed since the last build.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
JAVA_HOME=$("$here/jdk.sh")
stamp=dist/made-from

inputs() {
  cat "$JAVA_HOME/release"
  find pom.xml ./*/pom.xml {block-device,journal,raid-engine,fuse-frontend}/src/main LICENSE \
    scripts/{build,dist,fusermount,jdk,launcher,maven}.sh scripts/{LiftClasses,LeanJars}.java scripts/package -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

made_from=$(inputs | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ] && [ -x dist/mdfuse/bin/mdfuse ] && [ -e dist/mdfuse/lib/mdfuse.aot ]; then
  echo "dist/mdfuse is up to date"
  exit 0
fi
begin=$SECONDS
echo "building dist/mdfuse: Maven compiles four modules, jlink makes a Java runtime, a start and a mount are rehearsed"
if [ -e "$stamp" ]; then
  echo "  (less than two and a half minutes; unchanged parts are kept)"
else
  echo "  (one to three minutes, and more the first time, if Maven has to fetch its plugins: about 150 MB)"
fi
rm -f "$stamp"
# Maven adds the libraries that are needed; a library that is not needed any more would remain.
rm -rf fuse-frontend/target/lib
"$here/maven.sh" package -Dmaven.test.skip=true -pl fuse-frontend -am || { echo "Maven could not build it; its output is above" >&2; exit 1; }
"$here/dist.sh"
echo "$made_from" >"$stamp"
echo "built dist/mdfuse in $((SECONDS - begin)) s"
