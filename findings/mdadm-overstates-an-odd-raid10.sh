#!/usr/bin/env bash
# mdadm --examine shows a RAID-10 of an odd number of devices larger than it is: it multiplies the size of the members by their
# number and divides by the copies, while md rounds to whole chunks in between. Three devices with near=2: 696 KiB shown, 688 KiB
# there. The same with near=3 over five devices: 786 and 784. mdadm --detail, which asks the driver, is right.
#
# Seen: Linux 6.1.192 of Debian, mdadm 4.2-5.
# Why it matters: a tool that takes the size of the volume from --examine, to copy it out of images say, expects data that
# does not exist.
. "$(dirname "$0")/lib/machine.sh"
prepare_machine
check() {
  local words=$1 stated=$2 seen shown
  shift 2
  blank 1500K "$@"
  seen=$(machine "$@" <<JOB
mdadm --create /dev/md0 --run --level=10 $words --metadata=1.2 --raid-devices=$# /dev/vd[b-z] >/tmp/said 2>&1 || cat /tmp/said
while grep -q resync /proc/mdstat; do sleep 0.1; done
echo \$((\$(blockdev --getsize64 /dev/md0) / 1024))
mdadm --detail /dev/md0 | grep 'Array Size' | tr -s ' ' | cut -d' ' -f5
mdadm --stop /dev/md0 >/tmp/said 2>&1
JOB
  )
  shown=$(mdadm --examine "$work/$1" | sed -n 's/ *Array Size : \([0-9]*\) KiB.*/\1/p')
  same "$words over $# devices: KiB shown by --examine, of the device, shown by --detail" "$shown $(echo $seen)" "$stated"
}
check "--layout=n2 --chunk=16" "696 688 688" a b c
check "--layout=n3 --chunk=8" "786 784 784" a b c d e
check "--layout=n2 --chunk=16" "928 928 928" a b c d
verdict
