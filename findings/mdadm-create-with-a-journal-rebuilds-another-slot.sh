#!/usr/bin/env bash
# mdadm 4.2 (Debian 12), Linux md 6.1: which member of a new RAID-5 is rebuilt first, with a write journal and without.
#
# mdadm makes a new RAID-5 degraded, with its last device as a spare that md then rebuilds, since that is faster than a resync.
# Guess: with --write-journal it is the last device too. Seen: it is the last but one. The journal is device number 0 although it
# stands on the command line after the level, every member's number is one higher, and the place of the missing one is counted in
# numbers and not in slots.
# Why it matters: a tool that reads a member of a half-made array believes of all but the last device that they were never a target.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 24M a b c d j
got=$(guest a b c d j <<'JOB'
for how in plain journal; do
  option=
  [ $how = plain ] || option="--write-journal /dev/ubde"
  echo 100 >/proc/sys/dev/raid/speed_limit_max; echo 1 >/proc/sys/dev/raid/speed_limit_min
  quietly mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=64 $option /dev/ubd[abcd]
  mdadm --detail /dev/md0 | sed -n "s/^ *[0-9]* *[0-9]* *[0-9]* *\([0-9]*\) *spare rebuilding.*/$how rebuilt \1/p"
  mdadm --detail /dev/md0 | sed -n "s/^ *\([0-9]*\) *[0-9]* *[0-9]* *- *journal.*/$how number \1/p"
  echo 200000 >/proc/sys/dev/raid/speed_limit_max
  settle
  quietly mdadm --stop /dev/md0
done
JOB
)
echo "$got"
of() { sed -n "s/^$1 //p" <<<"$got"; }
same "without a journal: the slot that is rebuilt" "$(of 'plain rebuilt')" 3
same "with a journal: the slot that is rebuilt" "$(of 'journal rebuilt')" 2
same "the journal's number" "$(of 'journal number')" 0
verdict
