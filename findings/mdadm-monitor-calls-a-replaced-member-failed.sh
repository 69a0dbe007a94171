#!/usr/bin/env bash
# mdadm 4.2 (Debian 12) --monitor --program, Linux md 6.1: what the program is told of a planned replacement and of a check.
#
# When --replace has come to its end, in order and with every block in its place, the program is called with
# "Fail ARRAY OLD-DEVICE" (and mail would go to root) beside "SpareActive ARRAY NEW-DEVICE": it can't be told from a disk that died.
# The third argument of RebuildFinished after a check is no component device but the words " mismatches found: 8 (on raid level 5)",
# with a blank before them. RebuildNN has whatever percentage was seen, not one of a few fixed names. Nothing is said of the array's
# being degraded after a member fails: DegradedArray is sent only when an array is met for the first time.
# Why it matters: a program that an administrator wrote for these events raises an alarm for work that went well.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 20M a b c d
printf '#!/bin/sh\nprintf "[%%s]" "$@" >>/run/told; echo >>/run/told\n' >"$work/program"
chmod +x "$work/program"
got=$(guest a b c d <<'JOB'
quietly mdadm -C /dev/md0 -R -l5 -n3 -c64 --assume-clean --bitmap=none --name=x /dev/ubda /dev/ubdb /dev/ubdc
mdadm --monitor --program $work/program --delay 1 /dev/md0 >/run/monitor 2>&1 &
sleep 3
echo 2000 >/proc/sys/dev/raid/speed_limit_max
quietly mdadm /dev/md0 --add /dev/ubdd
sleep 2
quietly mdadm /dev/md0 --replace /dev/ubda
sleep 2; settle; sleep 3
printf 'silently wrong' | dd of=/dev/ubdb bs=1 seek=$((15<<20)) conv=notrunc 2>/dev/null
echo check >/sys/block/md0/md/sync_action
sleep 2; settle; sleep 3
mdadm /dev/md0 --fail /dev/ubdb >/dev/null 2>&1
sleep 3
cat /run/told
JOB
)
echo "$got"
told() { grep -cF -- "$1" <<<"$got"; }
same "the member that was replaced in order is called failed" "$(told '[Fail][/dev/md0][/dev/ubda]')" 1
same "its replacement" "$(told '[SpareActive][/dev/md0][/dev/ubdd]')" 1
same "after the check" "$(told '[RebuildFinished][/dev/md0][ mismatches found: 8 (on raid level 5)]')" 1
same "the member that really failed" "$(told '[Fail][/dev/md0][/dev/ubdb]')" 1
same "DegradedArray" "$(told '[DegradedArray]')" 0
same "names that are a multiple of 20 are not all there are" \
  "$(grep -oE '^\[Rebuild[0-9]+\]' <<<"$got" | grep -qvE '\[Rebuild(20|40|60|80)\]' && echo so)" so
verdict
