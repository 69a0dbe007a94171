#!/usr/bin/env bash
# An image of a disk that is cut short: libblkid names an ext4, XFS, btrfs or swap in it as if all were there, for it compares no size;
# but a GPT it calls "PMBR", the type of the MBR that only protects a GPT from old programs. Its test of the first header asks whether
# the partitions end inside of the device. sgdisk and the kernel's loop device read the same table and show the partition.
# What was guessed: that the table is named, as the file systems are, or that the file systems are not named either.
#
# Seen: libblkid 2.38.1, gdisk 1.0.9, e2fsprogs 1.47.0, xfsprogs 6.1.0 (Debian 12).
# Why it matters: dumps of failing disks are often short, and a program that asks libblkid whether it has a whole disk before it looks
# for partitions finds none in exactly these.
. "$(dirname "$0")/lib/try.sh"
for tool in blkid sgdisk mkfs.ext4 mkfs.xfs mkswap; do command -v $tool >/dev/null || cannot "$tool is missing"; done

# named COMMAND...: what blkid says of an image of 400 MiB that the command filled and of which 100 MiB are left
named() {
  rm -f "$work/image"
  truncate -s 400M "$work/image"
  "$@" "$work/image" >/dev/null 2>&1 || cannot "$1 failed"
  truncate -s 100M "$work/image"
  blkid -p -o value -s TYPE -s PTTYPE "$work/image"
}
same "an ext4 of 400 MiB of which 100 are left" "$(named mkfs.ext4 -q -F)" ext4
same "an XFS" "$(named mkfs.xfs -q)" xfs
same "a swap area" "$(named mkswap)" swap
same "a GPT with a partition over all of the disk" "$(named sgdisk -n1:2048:0)" PMBR
same "what sgdisk reads of it" "$(sgdisk -p "$work/image" 2>/dev/null | awk '$1 == 1 { print $2 }')" 2048
truncate -s 400M "$work/image"
same "the same image with zeros up to its old size" "$(blkid -p -o value -s PTTYPE "$work/image")" gpt
verdict
