#!/usr/bin/env bash
# An array over five RBD images of a Ceph cluster, and an OSD that is killed under load: what was written is there.
# The cluster is made for the demo on this machine: one monitor, one manager, three OSDs, each on a file of 4 GiB (sparse).
# Not part of the tests: it takes about 3 minutes, 4 GiB of memory, root, and Debian's packages
# ceph-mon ceph-mgr ceph-osd ceph-common qemu-utils qemu-block-extra fio libnbd0 fuse3.
# Usage: ceph-demo.sh [DIRECTORY]    works in DIRECTORY/mdfuse-ceph (default /tmp) and leaves nothing behind
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mdfuse=$here/../dist/mdfuse/bin/mdfuse
dir=${1:-/tmp}/mdfuse-ceph
for program in "$mdfuse" ceph-mon ceph-mgr ceph-osd ceph rbd qemu-nbd fio; do
  command -v "$program" >/dev/null || { echo "ceph-demo.sh: $program is missing: see the packages at the top" >&2; exit 1; }
done
[ ! -e "$dir" ] || { echo "ceph-demo.sh: $dir is there already: remove it first" >&2; exit 1; }
mkdir "$dir"
cd "$dir"
dir=$PWD
export CEPH_CONF=$dir/ceph.conf
processes=()
stop() {
  mountpoint -q mnt && "$mdfuse" umount mnt || true
  for process in "${processes[@]}"; do kill -9 "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  cd /
  [ -n "${KEEP-}" ] || rm -rf "$dir"
}
trap stop EXIT
say() { echo; echo "== $*"; }
start() { "$@" >>log 2>&1 & processes+=($!); }
until_true() { for _ in $(seq 120); do if "$@" >/dev/null 2>&1; then return; fi; sleep 1; done; echo "ceph-demo.sh: not within 2 minutes: $*; the end of the log:" >&2; tail -5 log >&2; exit 1; }

say "a cluster: one monitor, one manager, three OSDs on files"
fsid=$(cat /proc/sys/kernel/random/uuid)
cat >ceph.conf <<C
[global]
fsid = $fsid
mon host = v2:127.0.0.1:13300
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
public addr = 127.0.0.1
run dir = $dir
log file = $dir/\$name.log
admin socket = $dir/\$name.\$pid.asok
pid file =
osd pool default size = 3
osd pool default min size = 2
osd pool default pg num = 16
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
osd objectstore = bluestore
bluestore block size = 4294967296
osd memory target = 939524096
osd heartbeat grace = 8
mon osd min down reporters = 1
mon data = $dir/mon.\$id
mgr data = $dir/mgr.\$id
osd data = $dir/osd.\$id
C
monmaptool --create --fsid "$fsid" --addv a '[v2:127.0.0.1:13300]' monmap >>log
ceph-mon --mkfs -i a --monmap monmap >>log 2>&1
start ceph-mon -f -i a
until_true timeout 5 ceph -s
mkdir mgr.x
start ceph-mgr -f -i x
for id in 0 1 2; do
  uuid=$(cat /proc/sys/kernel/random/uuid)
  mkdir "osd.$id"
  ceph osd new "$uuid" "$id" >>log 2>&1
  ceph-osd -i "$id" --mkfs --osd-uuid "$uuid" >>log 2>&1
  start ceph-osd -f -i "$id"
done
osds=("${processes[@]:2}")
three_up() { [[ $(ceph osd stat) == *"3 up"* ]]; }
until_true three_up
ceph osd pool create rbd 16 >>log 2>&1
rbd pool init rbd 2>>log
ceph osd stat 2>>log

say "five RBD images of 256 MiB, each behind a qemu-nbd"
members=()
for n in 0 1 2 3 4; do
  rbd create "rbd/disk$n" --size 256M --image-feature layering 2>>log
  start qemu-nbd -t -f raw -k "$dir/disk$n" "rbd:rbd/disk$n:conf=$CEPH_CONF"
  members+=("nbd+unix:///?socket=$dir/disk$n")
done
for n in 0 1 2 3 4; do until_true test -S "disk$n"; done

say "an array over them"
"$mdfuse" create --level 5 --raid-devices 5 --bitmap internal --assume-clean "${members[@]}"
mkdir mnt
"$mdfuse" mount "${members[@]}" mnt
volume=$(echo mnt/*)

load=(--name=load --filename="$volume" --rw=randwrite --bs=64k --size=400M --direct=1 --ioengine=libaio --iodepth=16
  --verify=crc32c --verify_fatal=1 --verify_state_save=0 --randseed=1)
say "fio writes 400 MiB at 12 MiB/s and verifies; after 10 s an OSD is killed"
fio "${load[@]}" --rate=,12m --do_verify=1 >fio.out 2>&1 &
fio=$!
sleep 10
kill -9 "${osds[1]}"
echo "killed: OSD 1"
wait "$fio" || { echo "fio failed:" >&2; cat fio.out >&2; exit 1; }
grep -E "IOPS|err=" fio.out
ceph osd stat 2>>log
ceph health 2>>log
"$mdfuse" detail mnt | grep -E "State :|active sync|faulty"

say "the array is stopped, mounted again, and what fio wrote is verified; then its parity"
"$mdfuse" umount mnt
"$mdfuse" mount "${members[@]}" mnt
fio "${load[@]}" --verify_only >verify.out 2>&1 || { cat verify.out >&2; exit 1; }
grep -E "IOPS|err=" verify.out
"$mdfuse" check mnt
"$mdfuse" umount mnt
say "done: nothing was lost"
