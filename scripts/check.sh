#!/usr/bin/env bash
# Everything that must hold before a change lands: format, static analysis, all tests with real mounts, and the
# real md driver's verdict. Needs no terminal, and installs what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
step() { echo "check: $*"; }

"$here/packages.sh" build mount test
step "format"
"$here/maven.sh" spotless:check
step "build, with static analysis"
make -s build
if [ ! -x "$("$here/oracle/kernel.sh")" ]; then step "the oracle: a Linux kernel with the real md driver, built once"; fi
"$here/oracle/build.sh"
step "tests"
"$here/test.sh"
step "all held, in $((SECONDS / 60)) min $((SECONDS % 60)) s"
