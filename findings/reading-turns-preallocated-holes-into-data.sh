#!/usr/bin/env bash
# Space that fallocate reserved is a hole for SEEK_DATA on ext4, until a program reads it: from then on the same blocks are data, as long
# as the page cache keeps them, though not a byte was written. Dropped from the cache, they are a hole again.
#
# Seen: Linux 6.18.44, ext4.
# Why it matters: a program that finds out by SEEK_DATA which parts of an image were ever written (to copy it sparsely, or to take its
# parity for right without a resync) gets another answer after any other program, a virus scanner or `file`, has looked at it.
. "$(dirname "$0")/lib/try.sh"
[ -e /dev/loop-control ] || cannot "no /dev/loop-control"
command -v python3 >/dev/null || cannot "apt-get install python3"
command -v mkfs.ext4 >/dev/null || export PATH=$PATH:/sbin:/usr/sbin
truncate -s 32M "$work/disk"
mkfs.ext4 -q "$work/disk" || cannot "no mkfs.ext4"
mkdir "$work/fs"
mount -o loop "$work/disk" "$work/fs" || cannot "no loop device to be had"
on_exit "umount $work/fs"

seen=$(python3 - "$work/fs/image" <<'P'
import os, sys
MIB = 1 << 20
image = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.posix_fallocate(image, 0, MIB)
def look(when):
    try:
        print(when + ': data at', os.lseek(image, 0, os.SEEK_DATA))
    except OSError as error:
        print(when + ':', 'a hole' if error.errno == 6 else error.strerror)
look('allocated')
os.pread(image, MIB, 0)
look('read')
os.posix_fadvise(image, 0, 0, os.POSIX_FADV_DONTNEED)
look('dropped from the cache')
P
)
same "1" "$(sed -n 1p <<<"$seen")" "allocated: a hole"
same "2" "$(sed -n 2p <<<"$seen")" "read: data at 0"
same "3" "$(sed -n 3p <<<"$seen")" "dropped from the cache: a hole"
verdict
