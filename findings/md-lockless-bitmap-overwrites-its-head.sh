#!/usr/bin/env bash
# In an array with a logical block of 4096 bytes the lockless bitmap (Linux 6.18 and later) destroys itself at the second write. Its
# head is 1024 bytes, the states of the chunks follow, one byte each, and a block of the bitmap is as large as the array's logical
# block. A write to a block that has a mark already marks all of the block, and the first one has the head in it: its zeros become
# "need sync" (3), the version 6 among them 50529030. md notices at the next assembly, and refuses the array.
#
# Expected: the head is as before, and the array is assembled again.
# Seen: Linux 7.3.4 as User-Mode Linux, mdadm 4.6. Both are too new for Debian 12: $MD_UML names the kernel, $MD_TOOLS a directory
# that has mdadm.
# Why it matters: disks with sectors of 4096 bytes give each array on them this logical block. A reader that believes the version
# alone can't open such an array either, though all of its data is there and its parity fits.
. "$(dirname "$0")/lib/guest.sh"
[ -n "${MD_UML:-}" ] && [ -x "${MD_TOOLS:-}/mdadm" ] ||
  cannot "\$MD_UML has to name a User-Mode Linux of 6.19 or later, \$MD_TOOLS the directory of mdadm 4.6"
export PATH=$MD_TOOLS:$PATH
blank 48M a b c
seen=$(guest a b c <<'JOB'
version() { echo "$1 $(dd if=/dev/ubda bs=4096 skip=2 count=1 iflag=direct status=none | od -A n -t u4 -j 4 -N 4 | tr -d ' ')"; }
quietly mdadm --create /dev/md0 --run --level=5 --raid-devices=3 --bitmap=lockless --logical-block-size=4096 /dev/ubd[abc]
settle; version created
for at in 0 100; do dd if=/dev/urandom of=/dev/md0 bs=64k count=1 seek=$at oflag=direct status=none; done
settle; version written
quietly mdadm --stop /dev/md0
mdadm --assemble --run /dev/md0 /dev/ubd[abc] >/dev/null 2>&1; echo "status $?"
JOB
)
of() { sed -n "s/^$1 //p" <<<"$seen"; }
same "the version after --create" "$(of created)" 6
same "the version after two writes" "$(of written)" 50529030
same "the status of --assemble" "$(of status)" 1
verdict
