#!/usr/bin/env bash
# The event count in md's superblocks, which tells old members from new ones, goes back by one each time an array turns from dirty to
# clean. So an array that was used on two evenings and stopped in order both times ends with the same count, and an image of one
# member from the first evening passes for a current one: mdadm assembles the mixture without a word, the member counts as in sync,
# and a check finds thousands of mismatches. Only the update time of the superblock tells; mdadm does not compare that.
#
# Seen: mdadm 4.2-5, Linux 6.1.
# Why it matters: "the event counts are equal, so the images belong together" is wrong, and the first rebuild mixes them for good.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 16M a b c d

field() { mdadm --examine "$work/$1" | sed -n "s/^ *$2 : //p"; }

guest a b c d <<'JOB'
quietly mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=64 --bitmap=none --assume-clean /dev/ubd[abcd]
dd if=/dev/urandom of=/dev/md0 bs=1M count=8 conv=fsync status=none; sleep 0.5
quietly mdadm --stop /dev/md0
JOB
cp --sparse=always "$work/b" "$work/b-first"
first=$(field b Events)
sleep 2
guest a b c d <<'JOB'
quietly mdadm --assemble /dev/md0 /dev/ubd[abcd]
dd if=/dev/urandom of=/dev/md0 bs=1M count=8 conv=fsync status=none; sleep 0.5
quietly mdadm --stop /dev/md0
JOB
same "the event count of the second evening" "$(field b Events)" "$first"
differ "the update times" "$(field b-first 'Update Time')" "$(field b 'Update Time')"
cp --sparse=always "$work/b-first" "$work/b"
said=$(guest a b c d <<'JOB'
mdadm --assemble /dev/md0 /dev/ubd[abcd] 2>&1
echo "members $(grep -o '\[[U_]*\]$' /proc/mdstat)"
echo check >/sys/block/md0/md/sync_action; settle
echo "mismatches $(cat /sys/block/md0/md/mismatch_cnt)"
quietly mdadm --stop /dev/md0
JOB
)
same "mdadm says of the mixture" "$(echo "$said" | grep '^mdadm')" "mdadm: /dev/md0 has been started with 4 drives."
same "its members" "$(echo "$said" | sed -n 's/^members //p')" "[UUUU]"
differ "its mismatches, and none" "$(echo "$said" | sed -n 's/^mismatches //p')" 0
verdict
