#!/usr/bin/env bash
# ddrescue goes by its map alone: if the image is shorter than what the map calls read, for example because a copy of it was
# interrupted, a further run says "Finished", ends with status 0, and leaves the image short. And the image of a disk whose last part
# was not read is short from the beginning: it ends with the last byte that was read, while the map has the disk's full size.
#
# Seen: ddrescue 1.27 on ext4 and tmpfs. The manual says of neither case what happens.
# Why it matters: the size of an image is not the size of its disk. If the image is shorter than its map, it may be sound (nothing
# behind its end was read) or damaged (the map calls bytes read that are not there), and only a comparison of the two tells.
. "$(dirname "$0")/lib/try.sh"
need gddrescue=1.27-1

cd "$work" || exit 2
head -c 1M /dev/urandom >disk
printf '0x0 + 1\n0x0 0x100000 +\n' >whole.map
head -c 512K disk >cut
ddrescue -q disk cut whole.map
same "an image that lacks half of what its map calls read: exit status" $? 0
same "its size after that run" "$(stat -c %s cut)" 524288
same "its map says Finished" "$(grep -c Finished whole.map)" 1

printf '0x0 ? 1\n0x0 0xC0000 +\n0xC0000 0x40000 -\n' >readable
ddrescue -q -m readable disk short short.map
same "a disk whose last 256 KiB are left out (-m): exit status" $? 0
same "the size of its image" "$(stat -c %s short)" 786432
same "the end of its map" "$(tail -1 short.map | tr -s ' ')" "0x000C0000 0x00040000 ?"
verdict
