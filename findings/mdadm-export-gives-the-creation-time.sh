#!/usr/bin/env bash
# mdadm 4.2 (Debian 12): what MD_UPDATE_TIME of `mdadm --examine --export` is for metadata 0.90.
#
# Guess: the time of the last change of the superblock, which plain --examine prints as "Update Time", and which the key gives for
# metadata 1.x. Seen: for metadata 0.90 the key has the creation time, for as long as the array lives; for 1.2 it has the update time.
# Why it matters: udev rules and rescue scripts that compare members by this key, to find the one that fell out of the array first,
# find all members of an old NAS equally fresh. MD_EVENTS in the same output is right.
. "$(dirname "$0")/lib/guest.sh"
need mdadm=4.2-5
blank 20M a b c d
got=$(guest a b c d <<'JOB'
show() {
  mdadm --examine --export $2 | sed -n "s/^MD_UPDATE_TIME=/$1 key /p"
  mdadm --examine $2 | sed -n "s/^ *Update Time : //p" | { read -r t; echo "$1 updated $(date -d "$t" +%s)"; }
  mdadm --examine $2 | sed -n "s/^ *Creation Time : //p" | { read -r t; echo "$1 created $(date -d "$t" +%s)"; }
}
quietly mdadm --create /dev/md0 --run --metadata=0.90 --level=1 --raid-devices=2 --assume-clean /dev/ubda /dev/ubdb
quietly mdadm --create /dev/md1 --run --metadata=1.2 --level=1 --raid-devices=2 --assume-clean /dev/ubdc /dev/ubdd
sleep 3
for n in 0 1; do dd if=/dev/zero of=/dev/md$n bs=4k count=1 oflag=direct status=none; quietly mdadm --stop /dev/md$n; done
show old /dev/ubda
show new /dev/ubdc
JOB
)
echo "$got"
of() { sed -n "s/^$1 //p" <<<"$got"; }
same "metadata 0.90: the key is the creation time" "$(of 'old key')" "$(of 'old created')"
differ "metadata 0.90: and not the update time" "$(of 'old key')" "$(of 'old updated')"
same "metadata 1.2: the key is the update time" "$(of 'new key')" "$(of 'new updated')"
verdict
