#!/usr/bin/env bash
# The demo: a RAID-5 of four image files with a write journal, mounted, filled, killed in the middle of work, mounted
# again, and found whole. One line for each step; everything it made is gone in the end, also where a step fails.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
if [ "$(id -u)" != 0 ]; then
  echo "The demo puts a file system on a loop device, which needs root: asking sudo."
  exec sudo "$0"
fi
mdfuse=$here/../dist/mdfuse/bin/mdfuse
work=$(mktemp -d)
array=$work/array ext4=$work/ext4
loop=

say() { printf '%5.1f s  %s\n' "$(($(date +%s%N) / 1000000 - begin))e-3" "$*"; }
begin=$(($(date +%s%N) / 1000000))
fail() { say "FAILED: $*"; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$*"; }; }
sum() { sha256sum "$1" | cut -d' ' -f1; }
server() { pgrep -f "java.*$array"; }
detach() {
  if mountpoint -q "$ext4"; then umount "$ext4" 2>/dev/null || umount -l "$ext4"; fi
  [ -z "$loop" ] || losetup -d "$loop"
  loop=
}
cleanup() {
  detach 2>/dev/null || true
  "$mdfuse" umount "$array" >/dev/null 2>&1 || fusermount -uz "$array" 2>/dev/null || true
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
[ "$(dd if="$volume" bs=1M count=50 iflag=direct status=none | sha256sum)" = "$(sha256sum <"$work/file")" ] || fail "what was read is not what was written"
say "copied a 50 MiB file in with dd and read it back: same sha256"

loop=$(losetup --find --show "$volume")
quietly mkfs.ext4 -q -F "$loop"
quietly mount "$loop" "$ext4"
say "put ext4 on it through $loop"

cp "$work/file" "$ext4/precious"
sync "$ext4/precious"
(while :; do dd if=/dev/urandom of="$ext4/scratch" bs=64K count=32 conv=fsync; done) >/dev/null 2>&1 &
writer=$!
say "stored 50 MiB there with fsync, and left a writer running"

sleep 2
kill -9 "$(server)"
kill "$writer" 2>/dev/null || true
wait "$writer" 2>/dev/null || true
detach
fusermount -uz "$array" 2>/dev/null || true
say "killed mdfuse with SIGKILL in the middle of it: no goodbye, no flush"

said=$("$mdfuse" mount "$work"/disk{0,1,2,3}.img "$work/journal.img" "$array" 2>&1) || fail "mount: $said"
say "mounted again: $(paste -sd' ' <<<"$said")"

loop=$(losetup --find --show "$volume")
quietly mount "$loop" "$ext4"
[ "$(sum "$ext4/precious")" = "$(sum "$work/file")" ] || fail "the stored file has changed"
umount "$ext4"
quietly e2fsck -fn "$loop"
detach
say "the stored file has the same sha256, and e2fsck finds the file system sound"

quietly "$mdfuse" umount "$array"
say "unmounted; mdadm and the kernel would read this superblock (mdfuse examine):"
"$mdfuse" examine "$work/disk0.img" | grep -E 'Raid Level|Raid Devices|Chunk|Update Time|State|Events' | sed 's/^ */           /'
