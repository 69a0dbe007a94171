#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs and this machine lacks; prints nothing where nothing is missing.
# Usage: packages.sh PURPOSE...    purposes: build mount demo test bench oracle
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need_library() { ldconfig -p | grep -q "$1" || missing+=("$2"); }

for purpose in "$@"; do
  case $purpose in
    build) need mvn maven; need git git;;
    mount) need_library libfuse.so.2 libfuse2; need fusermount fuse;;
    demo) need mkfs.ext4 e2fsprogs; need losetup mount;;
    test) need mdadm mdadm; need fio fio; need getfattr attr; need mkfs.ext4 e2fsprogs; need losetup mount
      need xz xz-utils; need fallocate util-linux; need pgrep procps
      need qemu-img qemu-utils; need nbdcopy libnbd-bin; need rsync rsync; need ddrescue gddrescue; need tar tar;;
    bench) need fio fio; need setfattr attr;;
    oracle) need gcc gcc; need flex flex; need bison bison; need bc bc; need xz xz-utils; need mdadm mdadm
      [ -e /usr/src/linux-source-6.1.tar.xz ] || missing+=(linux-source-6.1)
      [ -e /usr/include/libelf.h ] || missing+=(libelf-dev)
      [ -e /usr/include/stdio.h ] || missing+=(libc6-dev);;
    *) echo "packages.sh: unknown purpose $purpose" >&2; exit 2;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "missing: ${missing[*]}; as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
command -v apt-get >/dev/null || { echo "missing, and this machine has no apt-get: ${missing[*]}" >&2; exit 1; }
echo "installing what is missing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{ "${as_root[@]}" apt-get update -qq &&
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1 || {
  cat "$log" >&2
  echo "could not install ${missing[*]}" >&2
  exit 1
}
