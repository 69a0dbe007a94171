#!/usr/bin/env bash
# If two members of a RAID-5 list the same blocks as bad, no write through md brings them back: not of a block, not of a chunk, and
# not of the whole chunk row, though that reads nothing and covers all that is lost. Each is an input/output error, and the lists stay
# as they are. A write of the same blocks on the members themselves, and taking the entries off by hand, is the only way. It is the
# same with a write journal, in write-through and in write-back mode.
#
# Seen: Linux 6.1.192 and 7.3.4, mdadm 4.2-5.
# Why it matters: a rebuild copies lists of bad blocks to the new member, so two members with the same entries are common; neither
# mkfs nor dd over the whole array makes such an array whole again.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 24M a b c d journal
for mode in none write-through write-back; do
  seen=$(guest a b c d journal <<JOB
mode=$mode
mdadm --zero-superblock /dev/ubd[abcde] 2>/dev/null
if [ \$mode = none ]; then policy=--bitmap=none; else policy="--write-journal /dev/ubde"; fi
quietly mdadm --create /dev/md0 --run --level=5 -n4 --chunk=64 \$policy --assume-clean /dev/ubda /dev/ubdb /dev/ubdc /dev/ubdd
settle
[ \$mode = none ] || echo \$mode >/sys/block/md0/md/journal_mode
for member in ubda ubdb; do echo "\$(cat /sys/block/md0/md/dev-\$member/offset) 16" >/sys/block/md0/md/dev-\$member/bad_blocks; done
for kib in 4 64 192; do
  dd if=/dev/zero of=/dev/md0 bs=\${kib}k count=1 oflag=direct 2>&1 | grep -o 'Input/output error' || echo "\$kib KiB written"
done
cut -d' ' -f2 /sys/block/md0/md/dev-ubd[ab]/bad_blocks
mdadm --stop /dev/md0 2>/dev/null
JOB
  )
  same "journal $mode: a block, a chunk, the row" "$(head -3 <<<"$seen" | sort -u)" "Input/output error"
  same "journal $mode: sectors listed still" "$(tail -2 <<<"$seen" | paste -sd,)" "16,16"
done
verdict
