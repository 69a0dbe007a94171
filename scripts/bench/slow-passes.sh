#!/usr/bin/env bash
# Measures how fast the passes over an array are beside the speed of its members: arrays of four simulated disks with
# one head each (slow-disks.sh). A pass can be as fast as one such disk that is read alone, for all of them work at the
# same time; but a resync that finds all parity wrong reads and writes each disk, with a seek for each chunk of parity.
# Usage: slow-passes.sh [ROUNDS [MIB]]      default: 1 round, members of 128 MiB; MDFUSE names another mdfuse
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
. "$here/slow-disks.sh" /tmp
[ -d benchmarks/target/test-classes ] || "$here/../maven.sh" test-compile -pl benchmarks -am

member_mib=${2:-128}
for disk in 0 1 2 3 alone; do slow_disk $disk $member_mib; done
# Pages of the host's memory have no part in what is measured: each step begins with a new mount of members whose
# pages were dropped.
members=("$work"/disk-[0-3]/mnt/slow)
mkdir "$work/mnt-array"
drop() { for file in "${members[@]}" "$work/disk-alone/mnt/slow"; do dd if="$file" iflag=nocache count=0 status=none; done; }
mount() { drop; "$mdfuse" mount "$@" "${members[@]}" "$work/mnt-array" >/dev/null; volume=$(ls -d "$work/mnt-array"/*); }
umount() { "$mdfuse" umount "$work/mnt-array" >/dev/null; }
get() { getfattr --only-values -n "user.md.$1" "$volume" 2>/dev/null; }
now() { date +%s%N; }

# speed: waits until no pass runs any more; prints MB/s of each member, from what is passed already when it is called
speed() {
  local begun done=0
  begun=$(now)
  read -r done _ <<<"$(get sync_completed)"
  until [ "$(get sync_action)" = idle ] && [ "$(get degraded)" = 0 ]; do sleep 0.02; done
  awk -v bytes="$per_member" -v done="$done" -v ns=$(($(now) - begun)) \
    'BEGIN { printf "%.1f", (bytes - done * 512) / ns * 1000 }'
}

row() {
  awk -v name="$1" -v alone="$alone" -v speed="$2" \
    'BEGIN { printf "| %-28s | %9.1f | %9.1f | %5.2f |\n", name, alone, speed, speed / alone }'
}

create() { "$mdfuse" create --force --level 5 --raid-devices 4 --chunk 64K "$@" "${members[@]}" >/dev/null; }

echo "MB/s of each member; members that seek $seek_micros us and move $((kib_per_second / 1024)) MiB/s, $member_mib MiB each"
printf '| %-28s | %9s | %9s | %5s |\n' pass "one disk" "the pass" ratio
echo "|---|---|---|---|"
for ((round = 0; round < ${1:-1}; round++)); do
  drop
  start=$(now)
  dd if="$work/disk-alone/mnt/slow" of=/dev/null bs=1M status=none
  alone=$(awk -v bytes=$((member_mib << 20)) -v ns=$(($(now) - start)) 'BEGIN { printf "%.1f", bytes / ns * 1000 }')

  create --assume-clean
  # Random data below the array, so that no parity fits. The superblocks are in the first MiB.
  for file in "$work"/disk-[0-3]/file; do
    openssl enc -aes-128-ctr -pass pass:"$file" -nosalt </dev/zero 2>/dev/null | dd of="$file" bs=1M seek=2 count=$((member_mib - 2)) iflag=fullblock conv=notrunc status=none || true
  done
  mount
  per_member=$(($(stat -c %s "$volume") / 3))
  umount
  # A resync begins if the superblocks say that parity may be wrong: as create leaves an array without --assume-clean.
  create
  mount
  row "resync, all parity wrong" "$(speed)"
  umount
  create
  mount
  row "resync, parity right" "$(speed)"
  umount
  mount
  setfattr -n user.md.sync_action -v check "$volume"
  row check "$(speed)"
  [ "$(get mismatch_cnt)" = 0 ] || { echo "the resync left wrong parity" >&2; exit 1; }
  umount
  mount
  for verb in fail remove; do "$mdfuse" $verb "$work/mnt-array" "${members[3]}" >/dev/null; done
  "$mdfuse" add --force "$work/mnt-array" "${members[3]}" >/dev/null
  row rebuild "$(speed)"
  umount
done
