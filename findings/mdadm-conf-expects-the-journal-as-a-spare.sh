#!/usr/bin/env bash
# mdadm 4.2 (Debian 12), Linux md 6.1: the line for mdadm.conf of an array with a write journal.
#
# mdadm --examine --scan, which the manual page names for writing mdadm.conf, counts the journal as a spare: "spares=1" for an array
# that has none. mdadm --detail --scan of the same array, which the same page names too, says nothing of spares. With the first
# line in mdadm.conf, mdadm --monitor sends SparesMissing for an array that lacks nothing, and mails it to root at each start.
# mdadm --detail --export calls the role of the journal "spare" as well.
# Why it matters: a program that reads these outputs to count the spares of journaled arrays counts one too many, and an
# administrator is told each time of a spare that never was.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 20M a b c j
got=$(guest a b c j <<'JOB'
quietly mdadm -C /dev/md0 -R -l5 -n3 -c64 --assume-clean --name=x --write-journal /dev/ubdd /dev/ubda /dev/ubdb /dev/ubdc
settle
echo "detail: $(mdadm --detail /dev/md0 | grep 'Spare Devices')"
echo "role: $(mdadm --detail --export /dev/md0 | grep ubdd_ROLE)"
for how in detail examine; do
  { echo "DEVICE /dev/ubd*"; mdadm --$how --scan --config=partitions | sed 's#ARRAY /dev/md/x#ARRAY /dev/md0#; s#ARRAY /dev/md/.*:x#ARRAY /dev/md0#'; } >/run/$how.conf
  echo "$how: $(grep -c spares=1 /run/$how.conf)"
  timeout 20 mdadm --monitor --scan --oneshot --config=/run/$how.conf --program /bin/echo >/run/told 2>&1
  echo "$how told: $(grep -c SparesMissing /run/told)"
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
same "SparesMissing with the line from --detail" "$(said 'detail told: 0')" 1
same "SparesMissing with the line from --examine" "$(said 'examine told: 1')" 1
verdict
