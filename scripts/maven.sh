#!/usr/bin/env bash
# Runs Maven on a JDK 25, quietly: what it prints is worth reading.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
export JAVA_HOME
# Maven 3.8's own libraries use sun.misc.Unsafe and native access, and JDK 25 would warn about each.
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED -Djansi.mode=strip"
cd "$here/.."
exec mvn -q -B --no-transfer-progress -Dstyle.color=never "$@"
