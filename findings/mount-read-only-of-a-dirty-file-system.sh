#!/usr/bin/env bash
# `mount -o ro` of a file system that was not unmounted writes to the device: ext4, XFS and btrfs all replay their logs. From a
# device that can't be written all three refuse, each in other words (EROFS twice, EIO for btrfs), and the file that was fsynced is
# out of reach. The option that mounts without a replay is norecovery for all three, ext4 included; noload is known to ext4 alone.
# Without the replay the fsynced file is not there.
#
# Seen: Linux 6.18 on the host, e2fsprogs 1.47.0, xfsprogs 6.1.0, btrfs-progs 6.2 (Debian 12).
# Why it matters: "mounted read-only" does not protect a copy of a disk, and a write blocker costs what only the log knows.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] && [ -e /dev/loop-control ] || cannot "it needs root and loop devices"
for tool in mkfs.xfs mkfs.ext4 mkfs.btrfs losetup; do command -v $tool >/dev/null || cannot "$tool is missing"; done
mkdir "$work/mnt"

# seen OPTIONS DEVICE: whether it mounts, and whether the file is there
seen() {
  mount -o "$1" "$2" "$work/mnt" 2>/dev/null || { echo refused; return; }
  cmp -s "$work/mnt/file" /bin/ls && echo "mounts, file there" || echo "mounts, file missing"
  umount "$work/mnt"
}

for kind in ext4 xfs btrfs; do
  [ $kind != btrfs ] || modprobe btrfs 2>/dev/null || grep -q btrfs /proc/filesystems || cannot "the kernel has no btrfs"
  truncate -s 320M "$work/$kind"; force=-f; [ $kind != ext4 ] || force=-F
  mkfs.$kind -q $force "$work/$kind" >/dev/null 2>&1
  loop=$(losetup -f --show "$work/$kind"); mount "$loop" "$work/mnt"
  cp /bin/ls "$work/mnt/file"; sync "$work/mnt/file"
  cp --sparse=always "$work/$kind" "$work/$kind.crashed" # as after a power failure
  umount "$work/mnt"; losetup -d "$loop"
  before=$(sha256sum <"$work/$kind.crashed")

  loop=$(losetup -f --show -r "$work/$kind.crashed")
  same "$kind, ro, device not writable" "$(seen ro "$loop")" refused
  same "$kind, ro,norecovery, device not writable" "$(seen ro,norecovery "$loop")" "mounts, file missing"
  case $kind in ext4) stated="mounts, file missing";; *) stated=refused;; esac
  same "$kind, ro,noload, device not writable" "$(seen ro,noload "$loop")" "$stated"
  losetup -d "$loop"
  same "$kind, bytes so far" "$(sha256sum <"$work/$kind.crashed")" "$before"

  loop=$(losetup -f --show "$work/$kind.crashed")
  same "$kind, ro, device writable" "$(seen ro "$loop")" "mounts, file there"
  losetup -d "$loop"
  differ "$kind, bytes after a mount -o ro" "$before" "$(sha256sum <"$work/$kind.crashed")"
  rm "$work/$kind" "$work/$kind.crashed"
done
verdict
