#!/usr/bin/env bash
# The demo: a RAID-5 of four image files with a write journal, mounted, filled, killed in the middle of work, mounted
# again, and found complete. One line for each step; everything that the demo made is removed at the end, also if a step
# fails. As root it also puts a file system on a loop device over the array. Without root it skips that part, and says
# so.
# Usage: demo.sh [announce]     announce: says what will run and how long it takes, and asks sudo for its password now
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

can_loop() { [ -e /dev/loop-control ]; }
if [ "${1:-}" = announce ]; then
  echo "demo: build mdfuse if it is not built (one to three minutes), then about 20 s: make an array, mount it, kill its server"
  [ -e /dev/fuse ] || { echo "demo: /dev/fuse is missing; load the kernel's FUSE module: modprobe fuse" >&2; exit 1; }
  if ! "$here/as-root.sh" "the demo's file system on a loop device" >/dev/null; then
    echo "demo: neither root nor sudo here, so the part with a file system on a loop device is left out"
  elif ! can_loop; then
    echo "demo: no loop devices on this machine, so the part with a file system on one is left out"
  fi
  exit 0
fi
if [ "$(id -u)" != 0 ] && [ "${MDFUSE_DEMO:-}" != plain ]; then
  # The file belongs to the user who mounts, and even root may not attach it, so all of the demo runs as root, or
  # nothing.
  if sudo -n true 2>/dev/null; then exec sudo "$0"; fi
  exec env MDFUSE_DEMO=plain "$0"
fi
with_loop=
if [ "$(id -u)" = 0 ] && can_loop; then with_loop=yes; fi

mdfuse=$here/../dist/mdfuse/bin/mdfuse
work=$(mktemp -d)
array=$work/array ext4=$work/ext4
loop='' server='' writer=''

say() { printf '%5.1f s  %s\n' "$(($(date +%s%N) / 1000000 - begin))e-3" "$*"; }
begin=$(($(date +%s%N) / 1000000))
fail() { say "FAILED: $*"; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$*"; }; }
sum() { sha256sum <"$1" | cut -d' ' -f1; }
server_of_array() { pgrep -f "java.*$array"; }
clear_dead_mount() { fusermount -uz "$array" 2>/dev/null || fusermount3 -uz "$array" 2>/dev/null || umount -l "$array" 2>/dev/null || true; }
detach() {
  if mountpoint -q "$ext4"; then umount "$ext4" 2>/dev/null || umount -l "$ext4"; fi
  [ -z "$loop" ] || losetup -d "$loop"
  loop=
}
stop_writer() {
  [ -z "$writer" ] || kill "$writer" 2>/dev/null || true
  [ -z "$writer" ] || wait "$writer" 2>/dev/null || true
  writer=
}
cleanup() {
  stop_writer
  detach 2>/dev/null || true
  "$mdfuse" umount "$array" >/dev/null 2>&1 || clear_dead_mount
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
mkdir "$array" "$ext4"

truncate -s 64M "$work"/disk{0,1,2,3}.img
truncate -s 32M "$work/journal.img"
quietly "$mdfuse" create --level 5 --raid-devices 4 --chunk 64K --write-journal "$work/journal.img" "$work"/disk{0,1,2,3}.img
say "made a RAID-5 of four image files and a write journal, with mdadm's on-disk format"

quietly "$mdfuse" mount "$work"/disk{0,1,2,3}.img "$work/journal.img" "$array"
volume=$(ls -d "$array"/*)
say "mounted it: $(basename "$volume") is one file of $(($(stat -c %s "$volume") >> 20)) MiB"

head -c 50M /dev/urandom >"$work/file"
quietly dd if="$work/file" of="$volume" bs=1M conv=notrunc,fsync
stored_in_array() { dd if="$volume" bs=1M count=50 iflag=direct status=none | sha256sum | cut -d' ' -f1; }
[ "$(stored_in_array)" = "$(sum "$work/file")" ] || fail "what was read is not what was written"
say "copied a 50 MiB file in with dd and read it back: same sha256"

if [ -n "$with_loop" ]; then
  loop=$(losetup --find --show "$volume") || fail "losetup --find --show $volume"
  quietly mkfs.ext4 -q -F "$loop"
  quietly mount "$loop" "$ext4"
  say "put ext4 on it through $loop"
  cp "$work/file" "$ext4/precious"
  sync "$ext4/precious"
  (while dd if=/dev/urandom of="$ext4/scratch" bs=64K count=32 conv=fsync; do :; done) >/dev/null 2>&1 &
  writer=$!
  say "stored 50 MiB there with fsync, and left a writer running"
else
  (while dd if=/dev/urandom of="$volume" bs=64K seek=1000 count=32 conv=notrunc,fsync; do :; done) >/dev/null 2>&1 &
  writer=$!
  say "left a writer running behind these 50 MiB"
fi

sleep 2
server=$(server_of_array) || fail "no process serves $array"
kill -9 $server
stop_writer
detach
clear_dead_mount
say "killed mdfuse with SIGKILL in the middle of it: no goodbye, no flush"

said=$("$mdfuse" mount "$work"/disk{0,1,2,3}.img "$work/journal.img" "$array" 2>&1) || fail "mount: $said"
say "mounted again: $(paste -sd' ' <<<"$said")"

if [ -n "$with_loop" ]; then
  loop=$(losetup --find --show "$volume") || fail "losetup --find --show $volume"
  quietly mount "$loop" "$ext4"
  [ "$(sum "$ext4/precious")" = "$(sum "$work/file")" ] || fail "the stored file has changed"
  quietly umount "$ext4"
  quietly e2fsck -fn "$loop"
  detach
  say "the stored file has the same sha256, and e2fsck finds the file system sound"
else
  [ "$(stored_in_array)" = "$(sum "$work/file")" ] || fail "the stored 50 MiB have changed"
  say "the stored 50 MiB have the same sha256"
fi

quietly "$mdfuse" umount "$array"
say "unmounted; mdadm and the kernel would read this superblock (mdfuse examine):"
"$mdfuse" examine "$work/disk0.img" | grep -E 'Raid Level|Raid Devices|Chunk|Update Time|State|Events' | sed 's/^ */           /'
[ -n "$with_loop" ] || say "left out, for want of root or loop devices: ext4 on a loop device over the array"
