#!/usr/bin/env bash
# Builds another commit and prints the path of its mdfuse, so that it can be measured beside this one. The program is
# kept in the user's cache; the sources are removed after the build.
# Usage: base.sh COMMIT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "BASE: no commit $1 in this clone" >&2; exit 1; }
kept=${XDG_CACHE_HOME:-$HOME/.cache}/mdfuse/base/$commit
program=$kept/dist/mdfuse/bin/mdfuse
if [ ! -x "$program" ]; then
  mkdir -p "$(dirname "$kept")"
  # The class cache is valid only at the path it was made at, so the build is not moved when it is complete.
  rm -rf "$kept"
  mkdir "$kept"
  trap 'rm -rf "$kept"' EXIT
  git archive "$commit" | tar -x -C "$kept"
  echo "building commit ${commit:0:8}" >&2
  "$kept/scripts/build.sh" >&2
  find "$kept" -mindepth 1 -maxdepth 1 ! -name dist -exec rm -rf {} +
  trap - EXIT
fi
echo "$program"
