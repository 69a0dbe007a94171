#!/usr/bin/env bash
# Runs Maven on a JDK 25, quietly: what it prints is worth reading.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
export JAVA_HOME
# Maven 3.8's own libraries use sun.misc.Unsafe and native access, and JDK 25 would warn about each.
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED -Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
cd "$here/.."
# Even so it ends by resetting a colour that it never set.
mvn -B --no-transfer-progress -Dstyle.color=never "$@" </dev/null 2>&1 | sed -u 's/\x1b\[0m//g'
