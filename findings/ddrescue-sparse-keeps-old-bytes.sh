#!/usr/bin/env bash
# ddrescue -S (--sparse) onto a file that holds something leaves the file's old bytes where the rescued disk has zeros, and
# ends with status 0 and "Finished". It leaves the zeros out without truncating the file or punching holes. With -t
# (--truncate) as well the copy is right.
#
# Seen: ddrescue 1.27 on ext4 and tmpfs. The manual says that sparse writes "may save a lot of disc space in some cases", and no more.
# Why it matters: an image of a RAID member, rescued a second time into the same file, is a mix of two days, and nothing says so.
. "$(dirname "$0")/lib/try.sh"
need gddrescue=1.27-1

cd "$work" || exit 2
truncate -s 4M disk
echo data | dd of=disk bs=1M seek=1 conv=notrunc status=none
for options in "-S" "-S -t" ""; do
  head -c 4M /dev/zero | tr '\0' '\377' >image
  # shellcheck disable=SC2086 # several options are meant
  ddrescue -q $options --force disk image
  same "ddrescue ${options:-without either}: exit status" $? 0
  case $options in -S) stated=wrong ;; *) stated=right ;; esac
  same "ddrescue ${options:-without either}: the copy is" "$(cmp -s disk image && echo right || echo wrong)" $stated
done
verdict
