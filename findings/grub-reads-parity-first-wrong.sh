#!/usr/bin/env bash
# GRUB's own md reader serves RAID-5 with the layouts parity-first and parity-last as if they were left-asymmetric and
# left-symmetric: wrong bytes, no message, exit status 0. The four rotating layouts are read right.
#
# Seen: grub-fstest 2.06-13+deb12u2 on arrays that mdadm 4.2-5 and Linux 6.1.192 made.
# Why it matters: grub-fstest is one of the few programs that can copy the content of an md array out of image files without
# the md driver. A copy made so of an array of these two layouts has the right size and the wrong content.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5 grub-common=2.06-13+deb12u2 libdevmapper1.02.1 libfuse2

for layout in left-symmetric left-asymmetric right-symmetric right-asymmetric parity-first parity-last; do
  blank 16M a b c d
  rm -f "$work/content" "$work/copy"
  guest a b c d <<JOB
quietly mdadm --create /dev/md0 --run --level=5 -n4 -c64 --bitmap=none --layout=$layout --assume-clean --name=box:data /dev/ubd[abcd]
dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null
dd if=/dev/md0 of=\$work/content bs=1M 2>/dev/null
mdadm --stop /dev/md0 2>/dev/null
JOB
  sectors=$(($(stat -c %s "$work/content") / 512))
  (cd "$work" && grub-fstest -c 4 a b c d cp "(md/data)0+$sectors" "$work/copy") >"$work/said" 2>&1
  same "$layout: exit status of the copy" $? 0
  same "$layout: words about it" "$(wc -c <"$work/said")" 0
  case $layout in parity-*) stated=wrong;; *) stated=right;; esac
  same "$layout: the bytes are" "$(cmp -s "$work/content" "$work/copy" && echo right || echo wrong)" $stated
done
verdict
