#!/usr/bin/env bash
# mkfs.btrfs --rootdir makes the image file as large as it likes: a file of 256 MiB that was made for it is longer afterwards, although
# the files in it have 70 MiB, and its superblock has the new size. With fewer and larger files it stays as it is. mkfs.ext4 -d, which looks like the same thing, keeps the size or fails.
# Nothing is said about the size having grown.
#
# Expected: the file system takes the file as it is, or says that it is too small.
# Seen: btrfs-progs 6.2-1+deb12u2.
# Why it matters: an image that is to be copied to a volume of a known size does not fit, and what is cut off there is the end of a file
# system that mounts and fails later.
. "$(dirname "$0")/lib/try.sh"
need btrfs-progs=6.2-1+deb12u2
mkdir -p "$work/files"
for name in $(seq 1 6000); do head -c 12000 /dev/urandom >"$work/files/$name"; done
truncate -s 256M "$work/image"
before=$(stat -c %s "$work/image")
said=$(mkfs.btrfs -q --rootdir "$work/files" "$work/image" 2>&1)
after=$(stat -c %s "$work/image")
differ "the size of the file before and after" "$before" "$after"
same "the file has grown" "$([ "$after" -gt "$before" ] && echo yes || echo no)" yes
same "the superblock's total_bytes is the new size" "$(od -An -tu8 -j $((65536 + 112)) -N 8 "$work/image" | tr -d ' ')" "$after"
same "the lines that mention a size" "$(grep -ci 'size' <<<"$said")" 0
verdict
