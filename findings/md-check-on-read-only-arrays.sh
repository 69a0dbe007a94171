#!/usr/bin/env bash
# Linux md 6.1, mdadm 4.2 (Debian 12): what writing "check" to sync_action does to an array that must not be written.
#
# On an array assembled with --readonly the write succeeds (status 0), and nothing is ever compared: sync_action stays idle,
# mismatch_cnt 0, last_sync_action none, although a block is wrong. On an array that is only auto-read-only the check runs and finds it,
# but the array is made writable for it, and the superblocks of all members are written: their event count rises.
# Why it matters: a script that checks a read-only array reports "no mismatches" of an array that was not looked at; and asking for a check of
# one that was assembled with care for evidence changes its disks.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 20M a b c
got=$(guest a b c <<'JOB'
quietly mdadm -C /dev/md0 -R -l5 -n3 -c64 --assume-clean --bitmap=none --name=x /dev/ubda /dev/ubdb /dev/ubdc
dd if=/dev/urandom of=/dev/md0 bs=1M count=30 2>/dev/null; sync; sleep 1
quietly mdadm -S /dev/md0
printf 'silently wrong' | dd of=/dev/ubdb bs=1 seek=$((15<<20)) conv=notrunc 2>/dev/null
md=/sys/block/md0/md
events() { mdadm -E /dev/ubda | sed -n 's/ *Events : //p'; }
quietly mdadm -A --readonly /dev/md0 /dev/ubda /dev/ubdb /dev/ubdc
echo check >$md/sync_action; echo "readonly status $?"
sleep 3
echo "readonly $(cat $md/array_state) $(cat $md/sync_action) $(cat $md/mismatch_cnt) $(cat $md/last_sync_action)"
quietly mdadm -S /dev/md0
before=$(events)
echo 1 >/sys/module/md_mod/parameters/start_ro
quietly mdadm -A /dev/md0 /dev/ubda /dev/ubdb /dev/ubdc
echo "auto $(cat $md/array_state)"
echo check >$md/sync_action; settle; sleep 1
echo "auto $(cat $md/array_state) $(cat $md/mismatch_cnt)"
quietly mdadm -S /dev/md0
[ "$(events)" -gt "$before" ] && echo "auto written"
JOB
)
line() { sed -n "s/^$1 //p" <<<"$got" | sed -n "$2p"; }
same "readonly: the write of check" "$(line readonly 1)" "status 0"
same "readonly: state, action, mismatches, last action" "$(line readonly 2)" "readonly idle 0 none"
same "auto-read-only: before" "$(line auto 1)" "read-auto"
same "auto-read-only: after the check, and what it found" "$(line auto 2)" "clean 8"
same "auto-read-only: superblocks" "$(line auto 3)" "written"
verdict
