#!/usr/bin/env bash
# Metadata 0.90 has its 64-bit numbers in the machine's byte order. mdadm, reading a superblock of the other order (-e0.swap,
# --update=byteorder), turns each 32-bit word and then exchanges the halves of the two event counts, but not those of
# reshape_position: 960 KiB becomes 4123168604160. --assemble --update=byteorder of an array whose reshape was cut short says that
# all is well, writes that position to all members, and the array reads as if the reshape were over.
#
# Seen: mdadm 4.2-5, Linux 6.1.192 and 6.12.117. The same superblock is right by mdadm 4.2-5 on s390x, which is big-endian.
# Why it matters: all behind the real position reads as other data, without an error. Finish a reshape before such disks are moved.
. "$(dirname "$0")/lib/guest.sh"
. "$(dirname "$0")/lib/big-endian.sh"
need mdadm=4.2-5
need_big_endian_mdadm

blank 32M a b c d
guest a b c d <<'JOB'
echo 200 >/proc/sys/dev/raid/speed_limit_max; echo 100 >/proc/sys/dev/raid/speed_limit_min
quietly mdadm --create /dev/md0 --run -e0.90 --level=5 -n3 -c64 --bitmap=none --assume-clean /dev/ubd[abc]
dd if=/dev/urandom of=/dev/md0 bs=1M oflag=direct 2>/dev/null
quietly mdadm /dev/md0 --add /dev/ubdd
mdadm --grow /dev/md0 -n4 --backup-file=/run/backup >/dev/null 2>&1
for try in $(seq 60); do case $(cat /sys/block/md0/md/reshape_position) in none|0) sleep 0.1;; *) break;; esac; done
sleep 0.7; echo frozen >/sys/block/md0/md/sync_action; mdadm --stop /dev/md0 2>/dev/null
JOB
for image in a b c d; do cp --sparse=always "$work/$image" "$work/$image.before"; done
to_big_endian a b c d
position=$(mdadm -E "$work/a.before" | field "Reshape pos'n" | cut -d' ' -f1)
same "a big-endian mdadm: position in KiB" "$(big_endian_mdadm -E "$work/a" | field "Reshape pos'n" | cut -d' ' -f1)" "$position"
same "a little-endian mdadm with -e0.swap" "$(mdadm -E -e0.swap "$work/a" | field "Reshape pos'n" | cut -d' ' -f1)" "$((position * 2 << 32 >> 1))"
out=$(guest a b c d a.before b.before c.before d.before <<'JOB'
mdadm --assemble /dev/md0 --readonly /dev/ubd[efgh] >/dev/null 2>&1; echo "right $(head -c 40M /dev/md0 | sha256sum)"; mdadm --stop /dev/md0 2>/dev/null
mdadm --assemble /dev/md0 --readonly --update=byteorder /dev/ubd[abcd] 2>&1 | sed 's/^/said /'; echo "turned $(head -c 40M /dev/md0 | sha256sum)"; mdadm --stop /dev/md0 2>/dev/null
JOB
)
same "what --update=byteorder says" "$(sed -n 's/^said //p' <<<"$out")" "mdadm: /dev/md0 has been started with 4 drives."
differ "content as it was, and with the new position" "$(sed -n 's/^right \(.\{16\}\).*/\1/p' <<<"$out")" "$(sed -n 's/^turned \(.\{16\}\).*/\1/p' <<<"$out")"
verdict
