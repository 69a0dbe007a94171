#!/usr/bin/env bash
# The write protection of a loop device belongs to the node in one case and to the attachment in the other:
# 1. After `blockdev --setro` the node stays write-protected when it is detached, for whatever file is attached to it next,
#    by whatever user. losetup attaches without a word (only `losetup --list` shows RO 1), and the first write fails.
# 2. On a device of `losetup -r`, `blockdev --setrw` ends with status 0 and changes nothing.
# In both cases open(2) for reading and writing succeeds, and only the write fails, with EPERM.
#
# Seen: Linux 6.18.44, losetup and blockdev of util-linux 2.38.1.
# Why it matters: software that takes a failed write for a failed disk throws a healthy member out of its array. BLKROGET
# tells before; a successful open(2) does not.
. "$(dirname "$0")/lib/try.sh"
[ -e /dev/loop-control ] || cannot "no /dev/loop-control"
command -v python3 >/dev/null || cannot "apt-get install python3"

attach() { losetup --find --show "$@" || cannot "no loop device to be had"; }
try_write() {
  python3 - "$1" <<'P'
import os, sys
try:
    device = os.open(sys.argv[1], os.O_RDWR)
except OSError as error:
    print('refused at open:', error.strerror); sys.exit()
try:
    os.pwrite(device, bytes(4096), 0); print('written')
except OSError as error:
    print('opened, not written:', error.strerror)
P
}

truncate -s 1M "$work/first" "$work/second"
node=$(attach "$work/first")
on_exit "blockdev --setrw $node; losetup -d $node"
same "a new loop device" "$(try_write "$node")" written
blockdev --setro "$node"
same "after blockdev --setro" "$(try_write "$node")" "opened, not written: Operation not permitted"
losetup -d "$node"
same "words of losetup" "$(losetup "$node" "$work/second" 2>&1)" ""
[ "$(losetup --noheadings --output BACK-FILE "$node")" = "$work/second" ] || cannot "$node was taken by another user"
same "another file attached to the same node" "$(try_write "$node")" "opened, not written: Operation not permitted"
same "RO in losetup --list" "$(losetup --list --noheadings --output RO "$node" | tr -d ' ')" 1
blockdev --setrw "$node"
same "after blockdev --setrw" "$(try_write "$node")" written
losetup -d "$node"

node=$(attach --read-only "$work/first")
on_exit "losetup -d $node"
same "a loop device of losetup -r" "$(try_write "$node")" "opened, not written: Operation not permitted"
blockdev --setrw "$node"
same "exit status of blockdev --setrw on it" $? 0
same "and then" "$(try_write "$node")" "opened, not written: Operation not permitted"
verdict
