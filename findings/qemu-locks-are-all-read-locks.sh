#!/usr/bin/env bash
# A program that locks a disk image as the manual of fcntl has it, the whole file for reading if it reads, gets the
# opposite of what it wants from qemu: a qemu that *writes* to the image does not conflict with it, and one that only *reads*
# does. For all of qemu's locks are read locks, each of one byte, and each byte has a meaning: 100 + n "I do this", 200 + n
# "I bear no other that does this" (n: 0 reads, 1 writes, 3 resizes). qemu asks with F_OFD_GETLK who holds the
# bytes that are in its way, and a read lock of the whole file holds them all, so it says that nothing is borne.
#
# Seen: qemu-utils 7.2 (qemu-io, qemu-nbd), Linux 6.18.44.
# Why it matters: to share an image with readers and keep writers out takes qemu's bytes: read locks of 100, 201 and 203,
# and then a look whether 101, 103 or 200 is locked.
. "$(dirname "$0")/lib/try.sh"
command -v qemu-nbd >/dev/null && command -v qemu-io >/dev/null || cannot "apt-get install qemu-utils"
command -v python3 >/dev/null || cannot "apt-get install python3"

cd "$work" || exit 2
truncate -s 1M image
cat >lock.py <<'P'
# lock.py RANGE... [-- COMMAND]: read locks of the ranges START+LENGTH (0: to the end) by F_OFD_SETLK, then the command
import fcntl, os, struct, subprocess, sys
words = sys.argv[1:]
cut = words.index('--') if '--' in words else len(words)
image = os.open('image', os.O_RDONLY)
try:
    for word in words[:cut]:
        start, length = map(int, word.split('+'))
        fcntl.fcntl(image, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, start, length, 0))
except OSError:
    print('refused'); sys.exit()
status = subprocess.run(words[cut + 1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode if words[cut:] else 0
print('locked' if status == 0 else 'the command failed')
P
reader=(qemu-io -r -f raw -c "read 0 512" image)
writer=(qemu-io -f raw -c "write 0 512" image)
same "the whole file is locked for reading, then a qemu that reads" "$(python3 lock.py 0+0 -- "${reader[@]}")" "the command failed"
same "the whole file is locked for reading, then a qemu that writes" "$(python3 lock.py 0+0 -- "${writer[@]}")" "the command failed"
same "bytes 100, 201 and 203, then a qemu that reads" "$(python3 lock.py 100+1 201+1 203+1 -- "${reader[@]}")" locked
same "bytes 100, 201 and 203, then a qemu that writes" "$(python3 lock.py 100+1 201+1 203+1 -- "${writer[@]}")" "the command failed"

qemu-nbd -f raw -t -k "$work/socket" image >/dev/null 2>&1 &
server=$!
on_exit "kill $server; wait $server"
for _ in $(seq 100); do [ -e "$work/socket" ] && break; sleep 0.1; done
[ -e "$work/socket" ] || cannot "qemu-nbd does not start"
same "a qemu that writes runs, then the whole file is locked for reading" "$(python3 lock.py 0+0)" locked
verdict
