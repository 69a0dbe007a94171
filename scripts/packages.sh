#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs and this machine lacks; prints nothing if nothing is missing. For
# `build` that includes a JDK 25, if this machine has none and the distribution has one. If no JDK 25 is available, the
# script says so before it installs anything.
# Usage: packages.sh PURPOSE...    purposes: build mount demo test bench oracle oracle-new
#                                         fresh dist package
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
jdk_package=openjdk-25-jdk-headless

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
# Not "ldconfig -p | grep -q": grep ends at the first match, and with pipefail the signal to ldconfig is a failure.
need_library() { [[ $(ldconfig -p) == *"$1"* ]] || missing+=("$2"); }

jdk=
for purpose in "$@"; do
  case $purpose in
    build) need mvn maven
      "$here/jdk.sh" >/dev/null 2>&1 || { jdk=missing; missing+=("$jdk_package"); } ;;
    # Any fusermount is sufficient. Debian's fuse and fuse3 exclude each other, and sshfs needs fuse3: never ask for
    # fuse.
    mount) need_library libfuse3.so fuse3; command -v fusermount >/dev/null || need fusermount3 fuse3 ;;
    demo) need pgrep procps
      if "$here/as-root.sh" "the demo's file system on a loop device" >/dev/null; then
        need mkfs.ext4 e2fsprogs; need losetup mount
      fi ;;
    test) need_library libfuse3.so fuse3; need_library libfuse.so.2 libfuse2
      need mdadm mdadm; need fio fio; need getfattr attr; need mkfs.ext4 e2fsprogs; need losetup mount
      need xz xz-utils; need fallocate util-linux; need pgrep procps
      need qemu-img qemu-utils; need qemu-nbd qemu-utils; need nbdcopy libnbd-bin; need nbdkit nbdkit; need openssl openssl; need_library libnbd.so.0 libnbd0; need rsync rsync; need tar tar
      need ddrescue gddrescue; need setpriv util-linux
      need mkfs.xfs xfsprogs; need mkfs.btrfs btrfs-progs; need sfdisk fdisk; need sgdisk gdisk
      need pvcreate lvm2; need_library libblkid.so.1 libblkid1 ;;
    bench) need fio fio; need setfattr attr; need python3 python3; need gnuplot gnuplot-nox; need losetup mount
      need mkfs.btrfs btrfs-progs; need mdadm mdadm
      [ "$(uname -m)" != x86_64 ] || need_library libisal.so.2 libisal2 ;;
    oracle|oracle-new) need gcc gcc; need flex flex; need bison bison; need bc bc; need xz xz-utils; need mdadm mdadm
      [ "$purpose" = oracle-new ] || [ -e /usr/src/linux-source-6.1.tar.xz ] || missing+=(linux-source-6.1)
      [ -e /usr/include/libelf.h ] || missing+=(libelf-dev)
      [ -e /usr/include/stdio.h ] || missing+=(libc6-dev) ;;
    dist) need strip binutils; need dpkg-deb dpkg; need xz xz-utils ;;
    package) need debootstrap debootstrap; need unshare util-linux; need qemu-system-x86_64 qemu-system-x86; need mkfs.ext4 e2fsprogs ;;
    fresh) need debootstrap debootstrap; need unshare util-linux ;;
    *) echo "packages.sh: unknown purpose $purpose" >&2; exit 2 ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0
# Each package once, even if two purposes need it.
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | LC_ALL=C sort -u)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
quietly() { "$@" </dev/null >"$log" 2>&1 || { cat "$log" >&2; echo "could not install ${missing[*]}: failed: $*" >&2; exit 1; }; }
no_jdk() { "$here/jdk.sh"; exit 1; }

if ! command -v apt-get >/dev/null; then
  [ -z "$jdk" ] || no_jdk
  echo "missing, and this machine has no apt-get: ${missing[*]}" >&2
  exit 1
fi
as_root=$("$here/as-root.sh" "installing ${missing[*]}") || {
  # Without root the package lists can't be updated.
  if [ -n "$jdk" ] && ! apt-cache show "$jdk_package" >/dev/null 2>&1; then no_jdk; fi
  echo "missing: ${missing[*]}; neither root nor sudo here, so ask for: apt-get install ${missing[*]}" >&2
  exit 1
}
quietly $as_root apt-get update
if [ -n "$jdk" ] && ! apt-cache show "$jdk_package" >"$log" 2>&1; then no_jdk; fi
echo "installing with apt-get what is missing (about a minute): ${missing[*]}"
quietly $as_root apt-get install -y --no-install-recommends "${missing[@]}"
