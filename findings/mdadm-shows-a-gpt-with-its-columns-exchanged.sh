#!/usr/bin/env bash
# mdadm --examine of a disk with a GPT shows the protective DOS table alone ("type ee") and ends with status 0, as if a disk of one
# partition had been looked at. With -e gpt it says "No partition table found" for a table of 128 entries, which every tool makes; of a shorter
# one it prints each partition's first sector as its size and its size as its place.
#
# Seen: mdadm 4.2-5, gdisk 1.0.9-2.1.
# Why it matters: offsets copied from that listing address other sectors than the partition's.
. "$(dirname "$0")/lib/try.sh"
need mdadm=4.2-5 gdisk=1.0.9-2.1
for entries in 56 128; do
  truncate -s 64M "$work/$entries"
  sgdisk -S $entries -n 1:2048:+8M "$work/$entries" >/dev/null || cannot "no table"
  same "$entries entries, mdadm -E" "$(mdadm -E "$work/$entries" | grep -o 'type ..')" "type ee"
  loop=$(losetup -f --show -r "$work/$entries") || cannot "no loop device"
  on_exit "losetup -d $loop"
  declare "shown_$entries=$(mdadm -E -e gpt "$loop" 2>&1 | tr -s ' ')"
done
same "128 entries, -e gpt" "$(grep -o 'No partition table found' <<<"$shown_128")" "No partition table found"
same "56 entries, -e gpt: sectors 2048 to 18431 are" "$(grep -o 'Partition\[00\].*' <<<"$shown_56")" "Partition[00] : 2048 sectors at 16384"
verdict
