#!/usr/bin/env bash
# Builds the oracle: Linux with its own md driver as a User-Mode-Linux process, from Debian's linux-source package. It
# checks images of mdfuse independently: what md reads from them, and whether md finds their parity correct. Takes about
# 5 minutes on 2 cores, once for a machine; does nothing if the oracle exists already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=$("$here/kernel.sh")
boots() {
  local job
  job=$(mktemp)
  echo "grep -q raid5 /proc/mdstat && echo booted" >"$job"
  [ "$("$here/run.sh" -t 30 "$job" 2>/dev/null)" = booted ]
  local status=$?
  rm -f "$job"
  return $status
}
if [ -x "$kernel" ]; then
  boots && exit 0
  echo "the oracle's kernel does not boot here with md in it; building it again"
fi
"$here/../packages.sh" oracle

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xf /usr/src/linux-source-6.1.tar.xz
"$here/compile.sh" "$work/linux-source-6.1" "$work/log" "$kernel"
boots || { echo "the oracle's kernel was built, but does not boot here" >&2; exit 1; }
