#!/usr/bin/env bash
# mdadm --create of a RAID-6 with one slot "missing" does not make the array that was written down. md can't resync an array
# that lacks a member, so mdadm makes the last device a spare, leaves its slot empty too, and lets md rebuild: the last device ends in
# the slot that was called missing, and the array lacks its last slot instead. --force ("do as I say") makes the array
# as written, and then it does not start: RUN_ARRAY fails with EIO, the superblocks stay. --assume-clean makes it as written and starts.
# A RAID-5 with one missing, and a RAID-6 with two, are made as written.
#
# Seen: mdadm 4.2-5 and Linux 6.1 (User-Mode Linux).
# Why it matters: a program that makes arrays for md, or labels disks by slot, can't take the order of the words for the order of slots.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 16M a b c
# Each line: the slots' devices as they are in the end, a dash for an empty slot; or what mdadm said.
seen=$(guest a b c <<'JOB'
try() {
  mdadm --create /dev/md0 --run --bitmap=none -c64 --name=box:a "$@" >/run/said 2>&1
  if [ -e /sys/block/md0/md/array_state ] && ! grep -q clear /sys/block/md0/md/array_state; then
    settle
    mdadm -D /dev/md0 | sed -n '/RaidDevice State/,$p' | awk '$4 ~ /^[0-9]+$/ {printf "%s ", ($NF ~ /ubd/ ? substr($NF, length($NF)) : "-")} END {print ""}'
    mdadm --stop /dev/md0 2>/dev/null
  else grep -o 'RUN_ARRAY failed: .*' /run/said; fi
  mdadm --zero-superblock /dev/ubda /dev/ubdb /dev/ubdc 2>/dev/null
}
try -l6 -n4 /dev/ubda missing /dev/ubdb /dev/ubdc
try -l6 -n4 --force /dev/ubda missing /dev/ubdb /dev/ubdc
try -l6 -n4 --assume-clean /dev/ubda missing /dev/ubdb /dev/ubdc
try -l6 -n4 /dev/ubda missing missing /dev/ubdb
try -l5 -n3 /dev/ubda missing /dev/ubdb
JOB
)
line() { sed -n "$1p" <<<"$seen" | sed 's/ *$//'; }
same "RAID-6, a missing b c" "$(line 1)" "a c b -"
same "the same with --force" "$(line 2)" "RUN_ARRAY failed: Input/output error"
same "the same with --assume-clean" "$(line 3)" "a - b c"
same "RAID-6, a missing missing b" "$(line 4)" "a - - b"
same "RAID-5, a missing b" "$(line 5)" "a - b"
verdict
