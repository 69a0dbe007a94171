#!/usr/bin/env bash
# Builds the second oracle: the newest Linux that Debian packages as a User-Mode-Linux process, and the newest mdadm.
# They check arrays that Linux 6.1 does not accept, such as those that record a logical block size. Neither is
# installed: the kernel's source comes from trixie-backports, mdadm and the C library that it needs come from forky, all
# are unpacked beside the kernel, and the machine's own package lists and mdadm are not changed. Takes about 4 minutes
# on 2 cores, once for a machine; does nothing if the oracle exists already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=$("$here/kernel.sh" new)
tools=$("$here/kernel.sh" tools)
source_package=linux-source-7.3

boots() {
  local job status=0
  job=$(mktemp)
  echo "grep -q raid5 /proc/mdstat && mdadm --version 2>&1 | grep v4.6 >/dev/null && echo booted" >"$job"
  [ "$("$here/run.sh" -n -t 30 "$job" 2>/dev/null)" = booted ] || status=1
  rm -f "$job"
  return $status
}
if [ -x "$kernel" ] && [ -x "$tools/mdadm" ]; then
  boots && exit 0
  echo "the second oracle does not boot here with md and its mdadm; building it again"
fi
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
  { echo "the second oracle is built on Debian's amd64 only" >&2; exit 1; }
"$here/../packages.sh" oracle-new

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt reads the downloads as its own user if it can.
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/packages" "$work/root"
log=$work/log

# The mirror that this machine is set up with, for two newer suites; their lists are kept separately.
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
mirror=${mirror%%$'\n'*}
[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' /etc/apt/sources.list)
[ -n "$mirror" ] || { echo "no package mirror is set up in /etc/apt" >&2; exit 1; }
for suite in trixie-backports forky; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror%% *} $suite main"
done >"$work/sources.list"
newer_apt() {
  apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root "$@" >>"$log" 2>&1 ||
    { tail -20 "$log" >&2; echo "the second oracle's packages can't be had: apt-get $*" >&2; exit 1; }
}
newer_apt update
cd "$work/packages"
newer_apt download "$source_package" -t trixie-backports
newer_apt download mdadm libc6 libudev1 -t forky

# mdadm is started with the C library that it was built for.
for package in mdadm libc6 libudev1; do dpkg-deb -x "$package"_*.deb "$work/root"; done
mkdir -p "$tools" "$(dirname "$kernel")"
rm -rf "$tools/root"
mv "$work/root" "$tools/root"
libraries=$tools/root/usr/lib/x86_64-linux-gnu
printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
  "$libraries/ld-linux-x86-64.so.2" "$libraries" "$tools/root/usr/sbin/mdadm" >"$tools/mdadm.$$"
chmod +x "$tools/mdadm.$$"
mv "$tools/mdadm.$$" "$tools/mdadm"

dpkg-deb --fsys-tarfile "$source_package"_*.deb | tar -xO "./usr/src/$source_package.tar.xz" | tar -C "$work" -xJ
"$here/compile.sh" "$work/$source_package" "$log" "$kernel" -e MD_BITMAP -e MD_LLBITMAP
boots || { echo "the second oracle was built, but does not boot here" >&2; exit 1; }
