#!/usr/bin/env bash
# mdadm 4.2 (Debian 12), Linux md 6.1: how many spares an array with a write journal has.
#
# mdadm --detail says "Spare Devices : 0" and lists the journal as "journal". mdadm --examine --scan, whose output the manual page
# recommends for mdadm.conf, says "spares=1" of the same array, while mdadm --detail --scan, recommended too, says nothing of spares.
# mdadm --detail --export, which udev rules and programs read, calls the journal's role "spare"; no field tells it from a spare.
# mdadm --monitor with the line "spares=1" does not miss a spare, so nothing shows that the line is wrong.
# Why it matters: a program that counts spares by two of these three outputs finds one that can't take a failed member's place.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 20M a b c j
got=$(guest a b c j <<'JOB'
quietly mdadm -C /dev/md0 -R -l5 -n3 -c64 --assume-clean --name=x --write-journal /dev/ubdd /dev/ubda /dev/ubdb /dev/ubdc
settle
echo "detail: $(mdadm --detail /dev/md0 | grep 'Spare Devices')"
echo "role: $(mdadm --detail --export /dev/md0 | grep ubdd_ROLE)"
for how in detail examine; do
  { echo "DEVICE /dev/ubd*"; mdadm --$how --scan --config=partitions | sed 's#ARRAY /dev/md/[^ ]*#ARRAY /dev/md0#'; } >/run/$how.conf
  echo "$how: $(grep -c spares=1 /run/$how.conf)"
  timeout 20 mdadm --monitor --scan --oneshot --test --config=/run/$how.conf --program /bin/echo >/run/told 2>&1
  echo "$how told: $(grep -c TestMessage /run/told) $(grep -c SparesMissing /run/told)"
done
cat /run/examine.conf
JOB
)
echo "$got"
said() { grep -cxF -- "$1" <<<"$got"; }
same "spares that the array has" "$(said 'detail:      Spare Devices : 0')" 1
same "the journal's role in --export is spare" "$(said 'role: MD_DEVICE_dev_ubdd_ROLE=spare')" 1
same "spares=1 from --detail --scan" "$(said 'detail: 0')" 1
same "spares=1 from --examine --scan" "$(said 'examine: 1')" 1
same "the monitor looks at the array, and misses no spare" "$(said 'examine told: 1 0')" 1
verdict
