#!/usr/bin/env bash
# Sums up test reports: one line of counts, then one line for each reason why tests were skipped.
# Usage: summary.sh REPORT_DIRECTORY...
set -euo pipefail
count() { echo "$(($(cat "${reports[@]}" | grep -o "<testsuite [^>]*" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | paste -sd+)))"; }
mapfile -t reports < <(find "$@" -name 'TEST-*.xml' 2>/dev/null)
[ ${#reports[@]} -gt 0 ] || { echo "no test ran"; exit 0; }
echo "tests: $(count tests), failed: $(($(count failures) + $(count errors))), skipped: $(count skipped)"
grep -ho '<skipped message="[^"]*"' "${reports[@]}" | sed 's/<skipped message="\(org[^ ]*: \)\?\(Assumption failed: \)\?/  skipped: /; s/"$//; s/&apos;/'"'"'/g; s/&quot;/"/g' | sort | uniq -c | sed 's/^ *\([0-9]*\)  *\(.*\)/  \1 \2/' || true
