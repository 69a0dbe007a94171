#!/usr/bin/env bash
# mdadm 4.6 under Linux 7.3: what becomes of a new array if its creator takes the bitmap that mdadm recommends.
#
# mdadm 4.6 asks of each new array with redundancy, small ones too, "it is recommended to enable write-intent bitmap, do you want to
# enable it now?". Guess: not of an array that keeps its parity right in another way. Seen: it asks of arrays with a write journal and
# with a partial parity log too, for which md refuses a bitmap. After a yes the array is not started ("RUN_ARRAY failed: Invalid
# argument", or "Input/output error"), no line names the bitmap, and the devices are left with superblocks of an array that never
# ran. After a no, all is as it was asked for.
# Why it matters: an installer that answers mdadm's questions with yes, as many do, fails with the newest mdadm alone, and finds
# members where blank disks were. `--run`, or `--bitmap=none` where it is taken, asks nothing.
#
# Both are too new for Debian 12: $MD_UML names the kernel, $MD_TOOLS a directory that has mdadm.
. "$(dirname "$0")/lib/guest.sh"
[ -n "${MD_UML:-}" ] && [ -x "${MD_TOOLS:-}/mdadm" ] ||
  cannot "\$MD_UML has to name a User-Mode Linux of 6.19 or later, \$MD_TOOLS the directory of mdadm 4.6"
export PATH=$MD_TOOLS:$PATH
blank 48M a b c j
got=$(guest a b c j <<'JOB'
try() { # try NAME ANSWER OPTION...
  local name=$1-$2 answer=$2
  shift 2
  yes "$answer" | mdadm --create /dev/md0 --level=5 --raid-devices=3 "$@" /dev/ubd[abc] >/run/said 2>&1
  echo "$name status ${PIPESTATUS[1]}"
  echo "$name asked $(grep -c 'enable it now' /run/said)"
  echo "$name failed $(grep -c 'RUN_ARRAY failed' /run/said)"
  echo "$name policy $(mdadm --detail /dev/md0 2>/dev/null | sed -n 's/^Consistency Policy : //p')"
  echo "$name members $(mdadm --examine /dev/ubda 2>/dev/null | grep -c 'Raid Level')"
  settle; mdadm --stop /dev/md0; mdadm --zero-superblock /dev/ubd[abcd]
} 2>/dev/null
try plain y
try ppl y --consistency-policy=ppl
try ppl n --consistency-policy=ppl
try journal y --write-journal /dev/ubdd
try journal n --write-journal /dev/ubdd
JOB
)
echo "$got"
of() { sed -n "s/^$1 //p" <<<"$got"; }
same "without either: a yes makes a bitmap" "$(of 'plain-y policy')" bitmap
for kind in ppl journal; do
  same "$kind: mdadm asks" "$(of "$kind-y asked")" 1
  same "$kind: after a yes the array does not start" "$(of "$kind-y status") $(of "$kind-y failed")" "1 1"
  same "$kind: and its first device is a member" "$(of "$kind-y members")" 1
  same "$kind: after a no it is as asked for" "$(of "$kind-n status") $(of "$kind-n policy")" "0 $kind"
done
verdict
