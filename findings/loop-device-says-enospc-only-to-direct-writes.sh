#!/usr/bin/env bash
# A loop device over a sparse file on a full file system: a direct write says "No space left on device"; the same write through the
# page cache succeeds, and the flush after it says "Input/output error", as a broken disk does. It says so once: the next flush
# succeeds, and the bytes are gone when the page cache is dropped.
#
# Seen: Linux 6.18.44, tmpfs, losetup of util-linux 2.38.1.
# Why it matters: software that goes through the page cache can't tell a full host from a failed disk, and one that asks a
# second time calls lost bytes durable.
. "$(dirname "$0")/lib/try.sh"
[ -e /dev/loop-control ] || cannot "no /dev/loop-control"
command -v python3 >/dev/null || cannot "apt-get install python3"

mkdir "$work/host"
mount -t tmpfs -o size=8m none "$work/host" || cannot "no tmpfs can be mounted here"
on_exit "umount -l $work/host"
truncate -s 32M "$work/host/image"
node=$(losetup --find --show "$work/host/image") || cannot "no loop device to be had"
on_exit "losetup -d $node"

seen=$(python3 - "$node" <<'P'
import mmap, os, sys
MIB = 1 << 20
device = os.open(sys.argv[1], os.O_RDWR)
print('write:', os.pwrite(device, b'x' * (16 * MIB), 0) // MIB, 'MiB')
for flush in ('first flush', 'second flush'):
    try:
        os.fsync(device); print(flush + ': well')
    except OSError as error:
        print(flush + ':', error.strerror)
os.posix_fadvise(device, 0, 0, os.POSIX_FADV_DONTNEED)
print('last byte:', 'there' if os.pread(device, 1, 16 * MIB - 1) == b'x' else 'lost')
direct = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
try:
    os.pwrite(direct, mmap.mmap(-1, MIB), 24 * MIB); print('direct: well')
except OSError as error:
    print('direct:', error.strerror)
P
)
same "a buffered write of more than there is room for" "$(sed -n 1p <<<"$seen")" "write: 16 MiB"
same "then" "$(sed -n 2p <<<"$seen")" "first flush: Input/output error"
same "then" "$(sed -n 3p <<<"$seen")" "second flush: well"
same "then" "$(sed -n 4p <<<"$seen")" "last byte: lost"
same "a direct write" "$(sed -n 5p <<<"$seen")" "direct: No space left on device"
verdict
