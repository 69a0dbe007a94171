#!/usr/bin/env bash
# ddrescue writes its map anew and keeps no comment line of the map that it goes on with, even if it changes no block: the lines that
# another program has put there are replaced by its own five.
#
# Seen: ddrescue 1.27. The manual says that comments are allowed in a mapfile and does not say that they are lost.
# Why it matters: a program that writes maps can't rely on a comment in them, such as the name or a checksum of what the map belongs to:
# after the next run of ddrescue the map is right and its origin unknown.
. "$(dirname "$0")/lib/try.sh"
need gddrescue=1.27-1

cd "$work" || exit 2
head -c 64K /dev/urandom >disk
cp disk image
printf '# Mapfile. Created by another program\n# belongs to image 7\n0x0 + 1\n0x0 0x10000 +\n' >map
ddrescue -q --force disk image map
same "exit status" $? 0
same "comments of the other program that are left" "$(grep -c -e another -e 'image 7' map)" 0
same "blocks" "$(grep -v '^#' map | tail -1 | tr -s ' ')" "0x00000000 0x00010000 +"
same "first line" "$(head -1 map)" "# Mapfile. Created by GNU ddrescue version 1.27"
verdict
