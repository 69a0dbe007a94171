#!/usr/bin/env bash
# A file that holds a file system, given to `losetup -b 4096`: what was made for 512-byte sectors is answered in three ways.
# XFS: mount(2) fails with ENOSYS, "Function not implemented", as if the kernel had no such system call. ext4 with 1 KiB blocks:
# EINVAL. A GPT: no error at all; the table is simply not there, and sgdisk offers to make a new one. An LVM physical volume made
# for 512-byte sectors is found as before, for its label is looked for in 512-byte steps whatever the device says. The same
# kinds with 4 KiB sectors or blocks mount. mkfs takes the smaller sizes by itself when it runs on a plain file or a loop device of 512.
#
# Seen: Linux 6.18 on the host, xfsprogs 6.1.0, e2fsprogs 1.47.0, gdisk 1.0.9, lvm2 2.03.16 (Debian 12).
# Why it matters: large loop sectors spare a RAID its read-modify-write, so they are a tempting default for an image of a volume.
. "$(dirname "$0")/lib/try.sh"
[ "$(id -u)" = 0 ] && [ -e /dev/loop-control ] || cannot "it needs root and loop devices"
for tool in mkfs.xfs mkfs.ext4 sgdisk pvcreate losetup; do command -v $tool >/dev/null || cannot "$tool is missing"; done
mkdir "$work/mnt"

# mounted IMAGE: ok, or the words of mount(8) behind the last colon
mounted() {
  local loop said
  loop=$(losetup -f --show -b 4096 "$work/$1") || cannot "no loop device"
  if said=$(LC_ALL=C mount "$loop" "$work/mnt" 2>&1); then umount "$work/mnt"; said=ok
  else case $said in *"not implemented"*) said=ENOSYS;; *"wrong fs type"*) said=EINVAL;; esac; fi
  losetup -d "$loop"
  echo "$said"
}
image() { truncate -s 320M "$work/$1"; }

image x512; mkfs.xfs -q -f -s size=512 "$work/x512"
image x4096; mkfs.xfs -q -f -s size=4096 "$work/x4096"
image e1; mkfs.ext4 -q -F -b 1024 "$work/e1"
image e4; mkfs.ext4 -q -F -b 4096 "$work/e4"
same "XFS of 512-byte sectors" "$(mounted x512)" ENOSYS
same "XFS of 4096-byte sectors" "$(mounted x4096)" ok
same "ext4 of 1 KiB blocks" "$(mounted e1)" EINVAL
same "ext4 of 4 KiB blocks" "$(mounted e4)" ok

image gpt; sgdisk -n1:2048:0 "$work/gpt" >/dev/null
loop=$(losetup -f --show -b 4096 "$work/gpt")
same "a GPT of 512-byte sectors" "$(sgdisk -p "$loop" 2>&1 | grep -c 'Creating new GPT entries')" 1
losetup -d "$loop"

image pv; loop=$(losetup -f --show "$work/pv"); pvcreate -qq "$loop" >/dev/null 2>&1; losetup -d "$loop"
loop=$(losetup -f --show -b 4096 "$work/pv")
same "an LVM physical volume made for 512" "$(pvs --noheadings -o pv_name "$loop" 2>/dev/null | tr -d ' ')" "$loop"
losetup -d "$loop"
verdict
