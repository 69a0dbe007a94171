#!/usr/bin/env bash
# Runs the JMH benchmarks of the inner loops: parity (beside Intel's ISA-L, if libisal2 is installed), and more. dist/
# must be built. BASE=commit measures that commit's code with the benchmarks of this one.
# Usage: micro.sh [REGEX of benchmarks | option of JMH]...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
JAVA_HOME=$("$here/../jdk.sh")
"$here/../maven.sh" process-test-classes -DskipTests -pl benchmarks -am
lib=dist/mdfuse/lib
if [ -n "${BASE:-}" ]; then lib=$(dirname "$(dirname "$("$here/base.sh" "$BASE")")")/lib; fi
exec "$JAVA_HOME/bin/java" -cp "benchmarks/target/test-classes:benchmarks/target/lib/*:$lib/*" org.openjdk.jmh.Main \
  -jvmArgs "-XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
  -f 1 -wi 2 -w 500ms -i 3 -r 500ms "$@"
