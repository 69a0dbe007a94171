#!/usr/bin/env bash
# A FUSE file system on libfuse 2 gets open(2) with O_TRUNC as open first and truncate second, and the truncate names no
# handle, so that it can't be told whose it is. fuse.h has it the other way round: "If an application specifies
# O_TRUNC, fuse first calls truncate() and then open()". Only the thread's number says that the two belong together.
#
# Seen: libfuse 2.9.9, Linux 6.18.44.
# Why it matters: a file system that serves a device as a file keeps what a truncation cuts off, but owes zeros to the
# handle that truncated. Prepared in truncate() for the open() that follows, the debt lands at another handle.
. "$(dirname "$0")/lib/try.sh"
[ -w /dev/fuse ] || cannot "no /dev/fuse"
command -v python3 >/dev/null || cannot "apt-get install python3"
command -v fusermount >/dev/null || command -v fusermount3 >/dev/null || cannot "apt-get install fuse3"
need libfuse2=2.9.9-6+b1

cat >"$work/fs.py" <<'P'
# fs.py MOUNTPOINT LOG: one empty file, "file"; notes its opens and truncations. Places of the callbacks as in fuse.h 2.6.
import ctypes, errno, os, stat, sys
libfuse = ctypes.CDLL('libfuse.so.2')
log = open(sys.argv[2], 'w', buffering=1)
slots = (ctypes.c_void_p * 45)()
kept = []
def callback(place, *types):
    def bind(function):
        kept.append(ctypes.CFUNCTYPE(ctypes.c_int, *types)(function))
        slots[place] = ctypes.cast(kept[-1], ctypes.c_void_p)
    return bind
pointer, path = ctypes.c_void_p, ctypes.c_char_p
class Context(ctypes.Structure):
    _fields_ = [('fuse', pointer), ('uid', ctypes.c_uint), ('gid', ctypes.c_uint), ('pid', ctypes.c_int)]
libfuse.fuse_get_context.restype = ctypes.POINTER(Context)
def note(what): log.write('%s by thread %d\n' % (what, libfuse.fuse_get_context().contents.pid))
@callback(0, path, pointer)
def getattr_(name, status):
    if name not in (b'/', b'/file'): return -errno.ENOENT
    ctypes.memset(status, 0, 144)
    ctypes.c_uint64.from_address(status + 16).value = 1
    ctypes.c_uint32.from_address(status + 24).value = stat.S_IFDIR | 0o755 if name == b'/' else stat.S_IFREG | 0o644
    return 0
@callback(12, path, ctypes.c_int64)
def truncate(name, size): note('truncate to %d' % size); return 0
@callback(14, path, pointer)
def open_(name, info): note('open%s' % (' with O_TRUNC' if ctypes.c_int.from_address(info).value & os.O_TRUNC else '')); return 0
@callback(33, path, ctypes.c_int64, pointer)
def ftruncate(name, size, info): note('ftruncate to %d' % size); return 0
words = [b'fs', b'-f', b'-s', sys.argv[1].encode()]
libfuse.fuse_main_real(len(words), (path * len(words))(*words), slots, ctypes.c_size_t(ctypes.sizeof(slots)), None)
P
mkdir "$work/mnt"
python3 "$work/fs.py" "$work/mnt" "$work/log" &
server=$!
on_exit "umount $work/mnt; kill $server; wait $server"
for _ in $(seq 100); do [ -e "$work/mnt/file" ] && break; sleep 0.1; done
[ -e "$work/mnt/file" ] || cannot "the file system does not mount"
: >"$work/log"
python3 -c 'import os, sys; os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC)' "$work/mnt/file"
same "what arrives, in order" "$(sed 's/ by.*//' "$work/log" | paste -sd ,)" "open,truncate to 0"
same "threads that it came from" "$(sed 's/.* by thread //' "$work/log" | sort -u | wc -l)" 1
verdict
