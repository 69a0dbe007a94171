#!/usr/bin/env bash
# A FUSE file system that serves extended attributes gets two requests for each write: the kernel asks for security.capability, waits
# for the answer, and only then sends the data; nothing remembers the answer. One that serves no attributes at all is asked once for
# the whole mount, and one that is mounted with direct_io never. The guess was one request for each write in all cases.
#
# Seen: Linux 6.18, bindfs 1.14.7 (libfuse 2.9.9), which has an option for each case.
# Why it matters: the file is locked meanwhile, so sixteen writes that a program has outstanding arrive one by one (seen elsewhere: a
# quarter of the speed). Only a server that offers the kernel FUSE_HANDLE_KILLPRIV_V2 is spared; libfuse 3.14 can't say that.
. "$(dirname "$0")/lib/try.sh"
[ -w /dev/fuse ] && command -v fusermount >/dev/null || cannot "needs /dev/fuse and fusermount"
need bindfs=1.14.7-1 libfuse2=2.9.9-6+b1
cd "$work" || exit 2
mkdir real mnt
on_exit "fusermount -u -z $work/mnt"
# requests OPTION...: how many requests of which kind 200 direct writes of 4 KiB become
requests() {
  head -c 1M /dev/zero >real/disk
  bindfs -f -o debug "$@" real mnt >log 2>&1 & local server=$!
  for _ in $(seq 100); do [ -e mnt/disk ] && break; sleep 0.1; done
  dd if=/dev/zero of=mnt/disk bs=4k count=200 oflag=direct conv=notrunc status=none || cannot "no direct write: $(tail -1 log)"
  fusermount -u mnt && wait $server
  echo "$(grep -c 'opcode: WRITE ' log) writes, $(grep -c 'opcode: GETXATTR ' log) questions"
}
same "with attributes" "$(requests)" "200 writes, 200 questions"
same "without attributes" "$(requests --xattr-none)" "200 writes, 1 questions"
same "with attributes and direct_io" "$(requests -o direct_io)" "200 writes, 0 questions"
verdict
