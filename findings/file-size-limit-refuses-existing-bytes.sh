#!/usr/bin/env bash
# `ulimit -f` is documented as the largest file that a process may make. It also refuses to overwrite bytes that are there already:
# a write behind the limit, into allocated blocks of a file that does not grow, is EFBIG. Yet fallocate of a range behind the limit
# succeeds, and so does FALLOC_FL_PUNCH_HOLE, which erases the bytes that may not be overwritten.
#
# Seen: Linux 6.18.44, tmpfs.
# Why it matters: space that fallocate has reserved is no promise that it can be written, and "File too large" from an image of fixed
# size is no failure of a disk.
. "$(dirname "$0")/lib/try.sh"
command -v python3 >/dev/null || cannot "apt-get install python3"
mkdir "$work/host"
mount -t tmpfs -o size=16m none "$work/host" || cannot "no tmpfs can be mounted here"
on_exit "umount -l $work/host"

seen=$(python3 - "$work/host/image" <<'P'
import ctypes, os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
libc = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH_HOLE = 1, 2
MIB = 1 << 20
image = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.pwrite(image, b'x' * (8 * MIB), 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, resource.RLIM_INFINITY))
try:
    os.pwrite(image, b'y', 4 * MIB); print('overwrite: well')
except OSError as error:
    print('overwrite:', error.strerror)
def fallocate(mode, offset):
    return 'well' if libc.fallocate64(image, mode, ctypes.c_long(offset), ctypes.c_long(4096)) == 0 else 'refused'
print('fallocate:', fallocate(KEEP_SIZE, 5 * MIB))
print('punch hole:', fallocate(KEEP_SIZE | PUNCH_HOLE, 4 * MIB))
print('the byte:', os.pread(image, 1, 4 * MIB))
P
)
same "a write of a byte that is there, behind the limit" "$(sed -n 1p <<<"$seen")" "overwrite: File too large"
same "to reserve room behind the limit" "$(sed -n 2p <<<"$seen")" "fallocate: well"
same "to erase bytes behind the limit" "$(sed -n 3p <<<"$seen")" "punch hole: well"
same "what is there then" "$(sed -n 4p <<<"$seen")" "the byte: b'\\x00'"
verdict
