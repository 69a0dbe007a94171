#!/usr/bin/env bash
# Runs the tests and prints at the end how many ran and which were skipped, and why. dist/ must be built.
# Usage: test.sh [TAG]     with TAG: only the integration tests of that tag
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
rm -rf */target/surefire-reports
status=0
if [ $# -gt 0 ]; then
  "$here/maven.sh" verify -pl integration-tests -am -Dgroups="$1" -Dsurefire.failIfNoTests=false || status=$?
else
  "$here/maven.sh" verify || status=$?
fi
"$here/summary.sh" */target/surefire-reports
exit "$status"
