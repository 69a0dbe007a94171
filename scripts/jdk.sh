#!/usr/bin/env bash
# Prints the home of a JDK 25 or newer: JAVA_HOME first, then the usual places, then the java on PATH.
set -u

release_of() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

candidates() {
  echo "${JAVA_HOME:-}"
  ls -d /usr/lib/jvm/*/ /opt/*jdk*/ /usr/local/*jdk*/ ~/.sdkman/candidates/java/*/ ~/.jdks/*/ 2>/dev/null
  dirname "$(dirname "$(readlink -f "$(command -v java || echo /none/bin/java)")")"
}

while read -r home; do
  home=${home%/}
  # A runtime alone is not enough: the build needs the compiler, and jlink for the runtime in dist.
  [ -n "$home" ] && [ -x "$home/bin/javac" ] && [ -x "$home/bin/jlink" ] || continue
  release=$(release_of "$home")
  [ "${release:-0}" -ge 25 ] && { echo "$home"; exit 0; }
done < <(candidates)
case $(uname -m) in aarch64) machine=aarch64 ;; *) machine=x64 ;; esac
echo "no JDK 25 found; unpack one in /opt, or set JAVA_HOME to where it is: curl -L" \
  "https://api.adoptium.net/v3/binary/latest/25/ga/linux/$machine/jdk/hotspot/normal/eclipse | tar -xz -C /opt" >&2
exit 1
