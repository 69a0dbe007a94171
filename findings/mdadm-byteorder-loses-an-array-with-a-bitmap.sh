#!/usr/bin/env bash
# mdadm --assemble --update=byteorder is how an array of metadata 0.90 moves from a big-endian machine (a PowerPC NAS) to a PC. If
# the array has an internal bitmap, it makes every member unusable: reading the superblock in the other byte order it looks for the
# array's UUID in the bitmap in its own order, does not find it, clears the bitmap flag, and writes that back with the checksum of
# before. The kernel then refuses all members ("does not have a valid v0.90 superblock"); a second try does too. --examine -e0.swap
# of the untouched member already shows it: no bitmap, and a checksum that it calls wrong.
#
# Seen: mdadm 4.2-5, Linux 6.1.192 and 6.12.117. The same superblock is right by mdadm 4.2-5 on s390x, which is big-endian. Without a bitmap the update works.
# Why it matters: the command changes the only copy, the disks of a dead NAS. Read such members without writing to them.
. "$(dirname "$0")/lib/guest.sh"
. "$(dirname "$0")/lib/big-endian.sh"
need mdadm=4.2-5
need_big_endian_mdadm

blank 16M a b c d e f
guest a b c d e f <<'JOB'
quietly mdadm --create /dev/md0 --run -e0.90 --level=5 -n3 -c64 --bitmap=internal --assume-clean /dev/ubd[abc]; sleep 1; mdadm --stop /dev/md0 2>/dev/null
quietly mdadm --create /dev/md0 --run -e0.90 --level=5 -n3 -c64 --bitmap=none --assume-clean /dev/ubd[def]; sleep 1; mdadm --stop /dev/md0 2>/dev/null
JOB
to_big_endian a b c d e f
there=$(big_endian_mdadm -E "$work/a")
same "a big-endian mdadm: bitmap" "$(field 'Internal Bitmap' <<<"$there")" present
same "its checksum is" "$(field Checksum <<<"$there" | cut -d' ' -f3)" correct
here=$(mdadm -E -e0.swap "$work/a")
same "a little-endian mdadm with -e0.swap: bitmap" "$(field 'Internal Bitmap' <<<"$here")" ""
same "its checksum is" "$(field Checksum <<<"$here" | cut -d' ' -f3)" expected
out=$(guest a b c d e f <<'JOB'
mdadm --assemble /dev/md0 --update=byteorder /dev/ubd[def] >/dev/null 2>&1; echo "without $(grep -o '\[[U_]*\]$' /proc/mdstat)"; mdadm --stop /dev/md0 2>/dev/null
mdadm --assemble /dev/md0 --update=byteorder /dev/ubd[abc] >/dev/null 2>&1; echo "with $(grep -o '\[[U_]*\]$' /proc/mdstat)"; mdadm --stop /dev/md0 2>/dev/null
mdadm --assemble /dev/md0 /dev/ubd[abc] >/dev/null 2>&1; echo "again $(grep -o '\[[U_]*\]$' /proc/mdstat)"; mdadm --stop /dev/md0 2>/dev/null
JOB
)
same "assembled with --update=byteorder, no bitmap" "$(sed -n 's/^without //p' <<<"$out")" "[UUU]"
same "assembled with --update=byteorder, a bitmap" "$(sed -n 's/^with //p' <<<"$out")" ""
same "assembled once more, as it is now" "$(sed -n 's/^again //p' <<<"$out")" ""
verdict
