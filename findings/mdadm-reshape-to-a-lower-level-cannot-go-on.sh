#!/usr/bin/env bash
# Linux 7.3.4 with mdadm 4.6: a RAID-6 is reshaped so that it can become a RAID-5 (--grow --level=5 with a spare). While that reshape
# runs the array is a RAID-6 in both of its shapes; only the layout changes. mdadm 4.6 writes the level that is to follow to md's new
# sysfs file new_level at once, so the superblocks say: level 6, new level 5. raid5_run() does not start an array with a reshape in
# progress whose new level is not its level. If the power fails, md never starts the array again, with all of its disks healthy.
#
# Expected: the array is assembled, and the reshape goes on.
# Seen: "failed to RUN_ARRAY: Invalid argument". Both programs are too new for Debian 12: $MD_UML names the kernel, $MD_TOOLS a
# directory that has mdadm.
# Why it matters: a reader that takes "new level differs" for a reshape across levels, or for damage, leaves the user with nothing.
. "$(dirname "$0")/lib/guest.sh"
[ -n "${MD_UML:-}" ] && [ -x "${MD_TOOLS:-}/mdadm" ] ||
  cannot "\$MD_UML has to name a User-Mode Linux of 6.19 or later, \$MD_TOOLS the directory of mdadm 4.6"
export PATH=$MD_TOOLS:$PATH
blank 16M a b c d e f
guest a b c d e f <<'JOB' >/dev/null
quietly mdadm --create /dev/md0 --run --level=6 -n5 --chunk=32 --bitmap=none --assume-clean --data-offset=4M /dev/ubd[abcde]
echo 1500 >/sys/block/md0/md/sync_speed_max; echo 100 >/sys/block/md0/md/sync_speed_min
quietly mdadm --add /dev/md0 /dev/ubdf
quietly mdadm --grow /dev/md0 --level=5 --raid-devices=5
for i in $(seq 1 2000); do
  read -r position </sys/block/md0/md/reshape_position
  case $position in none) ;; *) [ "$position" -ge 8000 ] && break;; esac
  sleep 0.02
done
power_cut
JOB
word() { od -A n -t "$3" -j $((4096 + $1)) -N "$2" "$work/a" | tr -d ' '; }
same "the level in a superblock" "$(word 72 4 d4)" 6
same "the new level" "$(word 100 4 d4)" 5
same "array sectors that the reshape has done" "$([ "$(word 104 8 d8)" -gt 0 ] && echo some)" some
seen=$(guest a b c d e f <<'JOB'
mdadm --assemble --run --force /dev/md0 /dev/ubd[abcdef] 2>&1; echo "status $?"
JOB
)
same "the status of --assemble" "$(sed -n 's/^status //p' <<<"$seen")" 1
same "what mdadm says" "$(grep -o 'Invalid argument' <<<"$seen")" "Invalid argument"
verdict
