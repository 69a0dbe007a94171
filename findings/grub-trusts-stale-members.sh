#!/usr/bin/env bash
# GRUB's own md reader looks at the role of a member and at nothing else: a member that failed long ago (its event count is
# behind, and the others call its slot missing), and a member whose rebuild had come to a fifth of its size (recovery_offset),
# are both read as if they held everything. Without that member the same array is read right, from parity. Exit status 0 each time.
#
# Seen: grub-fstest 2.06-13+deb12u2 on an array that mdadm 4.2-5 and Linux 6.1.192 made and used.
# Why it matters: "give the tool all disks that you have" is the wrong advice for it. The order of the images makes no difference.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5 grub-common=2.06-13+deb12u2 libdevmapper1.02.1 libfuse2

# copied IMAGE...: prints the exit status, and whether the copy holds what md read
copied() {
  rm -f "$work/copy"
  (cd "$work" && grub-fstest -c $# "$@" cp "(md/data)0+$sectors" "$work/copy") >/dev/null 2>&1
  echo "$? $(cmp -s "$work/content" "$work/copy" && echo right || echo wrong)"
}

blank 16M a b c d new
guest a b c d <<'JOB'
quietly mdadm --create /dev/md0 --run --level=5 -n4 -c64 --bitmap=none --assume-clean --name=box:data /dev/ubd[abcd]
dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null
quietly mdadm /dev/md0 --fail /dev/ubdb; quietly mdadm /dev/md0 --remove /dev/ubdb
dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null
dd if=/dev/md0 of=$work/content bs=1M 2>/dev/null
mdadm --stop /dev/md0 2>/dev/null
JOB
sectors=$(($(stat -c %s "$work/content") / 512))
same "the three that were used to the end" "$(copied a c d)" "0 right"
same "with the one that failed before" "$(copied a b c d)" "0 wrong"
same "the same, that one first" "$(copied b a c d)" "0 wrong"

guest a new c d <<'JOB'
echo 1000 >/proc/sys/dev/raid/speed_limit_max
quietly mdadm --assemble --run /dev/md0 /dev/ubda /dev/ubdc /dev/ubdd
quietly mdadm /dev/md0 --add /dev/ubdb; sleep 2
mdadm --stop /dev/md0 2>/dev/null
mdadm -E /dev/ubdb | grep -q 'Recovery Offset' || echo "the rebuild was not under way"
JOB
same "with one that is rebuilt in part" "$(copied a new c d)" "0 wrong"
verdict
