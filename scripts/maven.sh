#!/usr/bin/env bash
# Runs Maven on a JDK 25 and prints its progress in few lines. Warnings and errors are Maven's own. With -q: only those.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA_HOME=$("$here/jdk.sh")
export JAVA_HOME
level=org.slf4j.simpleLogger.log
# A build that takes seconds gains nothing from Java's optimizing compiler. Maven 3.8's own libraries use
# sun.misc.Unsafe and native access, and JDK 25 would warn about each.
export MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC ${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED \
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -D$level.org.apache.maven.cli.event.ExecutionEventLogger=info \
  -D$level.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=info \
  -D$level.org.codehaus.plexus.compiler.javac.JavacCompiler=info -D$level.org.apache.maven.plugin.surefire.SurefireMojo=info"

quiet=
for word in "$@"; do
  case $word in -q | --quiet) quiet=yes ;; esac
done

# The useful part of Maven's progress: the module and what is compiled, every hundredth file that was fetched, and, at
# most twice a minute, the progress of the tests.
module='' fetched=0 classes=0 tests=0 said=0
tell() {
  case $1 in
    "[INFO] Downloaded "*) fetched=$((fetched + 1))
      if [ $((fetched % 100)) = 0 ]; then echo "  fetched $fetched files for the build so far"; fi ;;
    "[INFO] Building "*) module=${1#"[INFO] Building "} module=${module#mdfuse: } module=${module%% *} ;;
    "[INFO] Compiling "*) set -- ${1#"[INFO] Compiling "}; echo "  $module: compiling $1 files" ;;
    "[INFO] Tests run: "*"-- in "*) set -- ${1#"[INFO] Tests run: "}
      classes=$((classes + 1)) tests=$((tests + ${1%,}))
      if [ $((SECONDS - said)) -ge 30 ]; then
        said=$SECONDS
        echo "  $module: $tests tests in $classes classes have passed or were skipped, $((SECONDS / 60)) min $((SECONDS % 60)) s"
      fi ;;
    "[INFO]"*) ;;
    *) printf '%s\n' "$1" ;;
  esac
}

cd "$here/.."
mvn -B -Dstyle.color=never "$@" </dev/null 2>&1 | while IFS= read -r line || [ -n "$line" ]; do
  # Even without colours Maven ends with an escape sequence that resets colours.
  line=${line//$'\e[0m'/}
  if [ -n "$quiet" ]; then
    case $line in "[INFO]"* | "") ;; *) printf '%s\n' "$line" ;; esac
  elif [ -n "$line" ]; then
    tell "$line"
  fi
done
