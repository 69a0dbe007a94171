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
cd "$work/linux-source-6.1"
# The kernel copies the processor state out of each signal frame, with the size that it assumes for a frame. A host with
# AMX saves more than that, and the guest dies at once; if the size is too large the kernel reads beyond the frame, and
# hangs.
if grep -qw amx_tile /proc/cpuinfo; then
  sed -i 's/\(DEFINE_LONGS(HOST_FP_SIZE, \)2696)/\111008)/' arch/x86/um/user-offsets.c
fi
options=(--set-val KERNEL_STACK_ORDER 3)
for option in MD BLK_DEV_MD MD_RAID456 MD_RAID0 MD_RAID1 MD_RAID10 MD_LINEAR HOSTFS BLK_DEV_UBD DEVTMPFS TMPFS MAGIC_SYSRQ; do options+=(-e "$option"); done
for option in NET SOUND MODULES DEBUG_INFO DEBUG_KERNEL MD_AUTODETECT; do options+=(-d "$option"); done
make ARCH=um defconfig >"$work/log" 2>&1 &&
  ./scripts/config "${options[@]}" >>"$work/log" 2>&1 &&
  make ARCH=um olddefconfig >>"$work/log" 2>&1 &&
  make ARCH=um -j"$(nproc)" linux >>"$work/log" 2>&1 ||
  { tail -20 "$work/log" >&2; echo "the oracle's kernel does not build" >&2; exit 1; }
strip linux
mkdir -p "$(dirname "$kernel")"
# Renamed when it is complete, so that no process starts an incomplete kernel.
cp linux "$kernel.$$"
mv "$kernel.$$" "$kernel"
boots || { echo "the oracle's kernel was built, but does not boot here" >&2; exit 1; }
