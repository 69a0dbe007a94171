#!/usr/bin/env bash
# mdadm 4.2-5 (Debian 12), the md driver of Linux 6.1.
#
# RAID-5 of four; slot 1 failed long ago, slot 3 failed last (nothing is wrong with it), so the array broke. mdadm --assemble
# --force starts it with slots 0, 2 and 3. A guess would be that the superblocks agree from then on. They don't:
#
#   - mdadm clears the mark "faulty" of slot 3 in the superblock of one device alone (slot 0), and leaves its event count as it is;
#   - the driver writes no superblock when it starts the array, nor when the array is stopped again before anything was written.
#
# So after "assemble --force; look at the files; stop" two superblocks with the same event count and the same update time contradict
# each other: slot 0 says that slot 3 is active, slot 2 says that it is faulty. Software that takes the first device with the
# highest event count for the truth opens such an array or refuses it, depending on the order in which the devices are given.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 16M a b c d
said=$(guest a b c d <<'JOB'
state() { for d in "$@"; do echo "$d: $(mdadm --examine /dev/ubd$d | awk '/Events/ {e=$3} /Array State/ {s=$4} END {print "events", e, s}')"; done; }
quietly mdadm --create /dev/md0 --run --level=5 --raid-devices=4 --chunk=64 --bitmap=none --assume-clean /dev/ubd[abcd]
dd if=/dev/urandom of=/dev/md0 bs=64K count=16 conv=fsync status=none; sleep 0.5
quietly mdadm --fail /dev/md0 /dev/ubdb; sleep 0.5; quietly mdadm --remove /dev/md0 /dev/ubdb
dd if=/dev/urandom of=/dev/md0 bs=64K count=16 conv=fsync status=none; sleep 0.5
mdadm --fail /dev/md0 /dev/ubdd >/dev/null 2>&1; sleep 0.5; quietly mdadm --stop /dev/md0
state a c d | sed 's/^/before /'
quietly mdadm --assemble --force /dev/md0 /dev/ubd[abcd]
echo "started $(grep -o '\[[U_]*\]$' /proc/mdstat)"; dd if=/dev/md0 of=/dev/null bs=1M status=none
quietly mdadm --stop /dev/md0
state a c d | sed 's/^/after /'
JOB
)
echo "$said"
line() { echo "$said" | grep "^$1 " | cut -d' ' -f2-; }
events=$(line 'after a:' | cut -d' ' -f3)
same "the array was started" "$(line started)" "[U_UU]"
same "slot 0 and slot 2 agreed before" "$(line 'before a:' | cut -d' ' -f2-)" "$(line 'before c:' | cut -d' ' -f2-)"
same "slot 0 says afterwards" "$(line 'after a:')" "a: events $events A.AA"
same "slot 2 says afterwards, with as many events" "$(line 'after c:')" "c: events $events A.A."
verdict
