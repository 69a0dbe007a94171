#!/usr/bin/env bash
# Linux 6.1.192 (md RAID-5) with mdadm 4.2: a reshape to another layout or chunk moves the start of the data by a few chunks, so that
# it never overwrites what it has not copied and recorded; mdadm then needs no backup file. While such a reshape runs on the array
# on which it was started, md does not count with that move (conf->min_offset_diff is set when an array is assembled, and not when a
# reshape starts): it records its position every 10 seconds only and overwrites rows that lie behind the recorded position.
# If the power fails, md goes on from the recorded position and copies these overwritten rows: content is lost on healthy disks.
# Why it matters: the position in the superblocks does not separate two sound parts. Right after it the old shape is damaged, and
# parity can't tell, since the stripes of both shapes have their parity.
. "$(dirname "${BASH_SOURCE[0]}")/lib/guest.sh"
need mdadm=4.2-5
blank 32M a b c d
seen=$(guest a b c d <<'JOB'
quietly mdadm --create /dev/md0 --run --level=5 -n4 --chunk=16 --metadata=1.2 --bitmap=none --assume-clean /dev/ubda /dev/ubdb /dev/ubdc /dev/ubdd
seq 1 99999999 | head -c "$(blockdev --getsize64 /dev/md0)" | dd of=/dev/md0 bs=1M iflag=fullblock oflag=direct 2>/dev/null
echo filled; sum /dev/md0
cd /sys/block/md0/md
echo 700 >sync_speed_max
(while :; do echo 10 >sync_speed_min; done) 2>/dev/null &
mdadm --grow /dev/md0 --layout=right-asymmetric >/dev/null 2>&1
for i in $(seq 1 2000); do
  read -r position <reshape_position
  case $position in none) ;; *) [ "$position" -ge 30000 ] && break;; esac
  sleep 0.03
done
sleep 3
power_cut
JOB
)
before=$(sed -n 2p <<<"$seen")
after=$(guest a b c d <<'JOB'
quietly mdadm --assemble --force --run /dev/md0 /dev/ubda /dev/ubdb /dev/ubdc /dev/ubdd
settle
sum /dev/md0
mdadm --stop /dev/md0 2>/dev/null
JOB
)
differ "sha256 before the reshape | after a power cut and its completion" "$before" "$after"
verdict
