#!/usr/bin/env bash
# With the lockless bitmap (Linux 6.18 and later) md takes a former member back by the bitmap whatever happened since it left, and then
# serves its old content. A bitmap's events_cleared says from which event count on a member lacks only what the bitmap still names; md
# compares a re-added member with it. The lockless bitmap never sets that field: it stays 0, and every former member passes. Here b
# leaves, e takes its place and is rebuilt, the volume is written again and the bitmap becomes clean, then e fails. --re-add of b
# copies nothing, the array is called complete, and the volume reads as a mixture of the two contents.
#
# Expected, as with the bitmap of version 4: md refuses b, whose event count is too low.
# Seen: Linux 7.3.4 as User-Mode Linux, mdadm 4.6. Both are too new for Debian 12: $MD_UML names the kernel, $MD_TOOLS a directory
# that has mdadm.
# Why it matters: a program that follows md's rule here loses writes without a word; "re-add succeeded" says nothing.
. "$(dirname "$0")/lib/guest.sh"
[ -n "${MD_UML:-}" ] && [ -x "${MD_TOOLS:-}/mdadm" ] ||
  cannot "\$MD_UML has to name a User-Mode Linux of 6.18 or later, \$MD_TOOLS the directory of mdadm 4.6"
export PATH=$MD_TOOLS:$PATH
blank 40M a b c d e
seen=$(guest a b c d e <<'JOB'
state=/sys/block/md0/md/llbitmap
clean() { for i in $(seq 1 200); do grep -q '^dirty 0$' $state/bits && return; sleep 0.2; done; }
content() { dd if=/dev/md0 bs=1M count=8 iflag=direct status=none | sha256sum | cut -c1-16; }
quietly mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=64 --bitmap=lockless /dev/ubd[abcd]
echo 1 >$state/daemon_sleep; echo 1 >$state/barrier_idle
settle; dd if=/dev/urandom of=/dev/md0 bs=1M count=8 oflag=direct status=none; settle; clean
quietly mdadm /dev/md0 --fail /dev/ubdb --remove /dev/ubdb
quietly mdadm /dev/md0 --add /dev/ubde
settle; dd if=/dev/urandom of=/dev/md0 bs=1M count=8 oflag=direct status=none; settle; clean
quietly mdadm /dev/md0 --fail /dev/ubde --remove /dev/ubde
echo "before $(content)"
mdadm /dev/md0 --re-add /dev/ubdb >/dev/null 2>&1; echo "status $?"
settle; echo 3 >/proc/sys/vm/drop_caches
echo "members $(grep -o '\[[U_]*\]$' /proc/mdstat)"
echo "after $(content)"
echo check >/sys/block/md0/md/sync_action; settle
echo "mismatches $(cat /sys/block/md0/md/mismatch_cnt)"
JOB
)
of() { sed -n "s/^$1 //p" <<<"$seen"; }
same "the status of --re-add" "$(of status)" 0
same "the members after it" "$(of members)" "[UUUU]"
differ "the content before and after" "$(of before)" "$(of after)"
differ "the mismatches, and none" "$(of mismatches)" 0
verdict
