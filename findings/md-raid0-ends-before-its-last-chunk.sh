#!/usr/bin/env bash
# A RAID-0 whose chunk is no power of two ends before its last chunk does. md accepts such a chunk (12 KiB here), rounds each member
# down to whole chunks, and then adds up the members with a mask that fits powers of two only: the volume is 8816 sectors long, and
# its members hold 368 chunks, which are 8832 sectors. The 16 sectors can't be reached through md. With a chunk of 16 KiB, nothing is
# left over.
#
# Seen: Linux 6.1.192 of Debian, mdadm 4.2-5.
# Why it matters: software that computes the volume from the members' sizes, as a rescue tool does, makes it longer than md does, and
# a partition table's second copy or a superblock at the end is then looked for at the wrong place.
. "$(dirname "$0")/lib/machine.sh"
prepare_machine
for chunk in 12 16; do
  blank 2000K a
  blank 3000K b
  blank 2500K c
  seen=$(machine a b c <<JOB
mdadm --create /dev/md0 --run --level=0 --chunk=$chunk --metadata=1.1 --raid-devices=3 /dev/vdb /dev/vdc /dev/vdd >/tmp/said 2>&1 || cat /tmp/said
echo volume \$((\$(blockdev --getsize64 /dev/md0) / 512))
mdadm --stop /dev/md0 >/tmp/said 2>&1
JOB
  )
  whole=0
  for member in a b c; do
    sectors=$(mdadm --examine "$work/$member" | sed -n 's/ *Avail Dev Size : \([0-9]*\) sectors.*/\1/p')
    whole=$((whole + sectors / (2 * chunk) * 2 * chunk))
  done
  case $chunk in
    12) same "chunk of 12 KiB: sectors in whole chunks, sectors of the volume" "$whole, $seen" "8832, volume 8816" ;;
    16) same "chunk of 16 KiB: the volume is" "$seen" "volume $whole" ;;
  esac
done
verdict
