#!/usr/bin/env bash
# Everything that must hold before a change lands: format, static analysis, all tests with real mounts, and the
# real md driver's verdict. Needs no terminal, and installs what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
step() { echo "check: $*"; }

step "format, static analysis, all tests, and the demo in a fresh Debian: about an hour on two cores"
"$here/packages.sh" build mount test
step "format"
"$here/maven.sh" spotless:check
step "build, with static analysis"
"$here/build.sh"
if [ ! -x "$("$here/oracle/kernel.sh")" ]; then step "the oracle: a Linux kernel with the real md driver, built once"; fi
"$here/oracle/build.sh"
if [ ! -x "$("$here/oracle/kernel.sh" new)" ]; then step "the second oracle: the newest kernel and mdadm, built once"; fi
"$here/oracle/build-new.sh"
step "tests"
"$here/test.sh"
step "the README's demo, in a Debian 12 that has only what the README asks for (three to four minutes)"
if "$here/as-root.sh" "debootstrap" >/dev/null; then
  "$here/check-fresh.sh" "make demo"
else
  step "left out: debootstrap needs root, and there is neither root nor sudo here"
fi
step "all held, in $((SECONDS / 60)) min $((SECONDS % 60)) s"
