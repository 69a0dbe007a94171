#!/usr/bin/env bash
# Measures the replay of a journal when an array is opened, beside the same bytes of the journal read in sequence. The
# server is killed with 8, 32 and 96 MiB of log that no member has yet; all devices are cold. Once on image files, and once
# on simulated disks (slow-disks.sh), whose speed other work on the machine does not change. What an array without a log
# takes to be opened is subtracted.
# Usage: replay.sh [ROUNDS [MIB...]]      default: 3 rounds of 8 32 96; MDFUSE names another mdfuse
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
. "$here/slow-disks.sh" "${DIRECTORY:-/tmp}"
[ -e benchmarks/target/test-classes/io/mdfuse/bench/OpenTime.class ] || "$here/../maven.sh" test-compile -pl benchmarks -am

rounds=${1:-3}
lengths=("${@:2}")
[ ${#lengths[@]} -gt 0 ] || lengths=(8 32 96)
mkdir "$work/mnt-array"
drop() { for file in "${devices[@]}"; do sync "$file"; dd if="$file" iflag=nocache count=0 status=none; done; }
attribute() { getfattr --only-values --absolute-names -n "user.$1" "$volume" 2>/dev/null; }

# crash MIB FIO-OPTIONS: leaves an array whose journal has about MIB of log; prints how many it has
crash() {
  local data=$(($1 * 1024)) pid
  # A request of 4 KiB is logged with a meta block of its own, or shares one.
  [ "${*: -1}" != --bs=4K ] || data=$((data * 3 / 5))
  "$mdfuse" create --force --assume-clean --level 5 --raid-devices 4 --chunk 64K --write-journal "${devices[4]}" "${devices[@]:0:4}" >/dev/null
  "$mdfuse" mount --journal-mode write-back --stripe-cache-size 32768 "${devices[@]}" "$work/mnt-array" >/dev/null
  volume=$(ls -d "$work/mnt-array"/*)
  pid=$(attribute mdfuse.pid)
  fio --name=b --filename="$volume" --size=512M --io_size="${data}K" --ioengine=libaio --direct=1 "${@:2}" >/dev/null
  kill -KILL "$pid"
  until ! kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  fusermount3 -u "$work/mnt-array" 2>/dev/null || fusermount -u "$work/mnt-array"
  "$mdfuse" journal "${devices[4]}" | sed -n 's/^ *Log : .* \([0-9.]*\) MiB,.*/\1/p'
}

# open_time: seconds until the array is open; all devices are cold
open_time() {
  drop
  dist/mdfuse/runtime/bin/java -Xmx256m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "benchmarks/target/test-classes:dist/mdfuse/lib/*" io.mdfuse.bench.OpenTime "${devices[@]}" | awk '{ print $1 / 1e6 }'
}

# read_time MIB: seconds in which so much of the journal is read in sequence
read_time() {
  drop
  local begun
  begun=$(date +%s%N)
  dd if="${devices[4]}" of=/dev/null bs=1M skip=1 count="${1%.*}" status=none
  awk -v ns=$(($(date +%s%N) - begun)) 'BEGIN { print ns / 1e9 }'
}

measure() {
  local mib read_seconds opened empty
  for ((round = 0; round < rounds; round++)); do
    for length in "${lengths[@]}"; do
      mib=$(crash "$length" "${@:3}")
      read_seconds=$(read_time "$mib")
      opened=$(open_time)
      empty=$(open_time)
      awk -v disks="$1" -v load="$2" -v mib="$mib" -v read="$read_seconds" -v opened="$opened" -v empty="$empty" \
        'BEGIN { replay = opened - empty; printf "| %-6s | %-19s | %7.1f | %8.3f | %8.3f | %10.2f | %5.2f |\n", disks, load, mib, read, replay, replay * 1000 / mib, read / replay }'
    done
  done
}

echo "simulated disks seek for $seek_micros us and move $((kib_per_second / 1024)) MiB/s; write-back, killed"
printf '| %-6s | %-19s | %7s | %8s | %8s | %10s | %5s |\n' disks load "log MiB" "read s" "replay s" "ms for MiB" ratio
echo "|---|---|---:|---:|---:|---:|---:|"
for disk in 0 1 2 3 journal; do slow_disk $disk 512; done
for kind in slow files; do
  devices=("$work"/disk-{0,1,2,3,journal}/mnt/slow)
  if [ $kind = files ]; then
    devices=("$work"/{0,1,2,3,journal}.img)
    for file in "${devices[@]}"; do head -c 512M /dev/zero >"$file"; done
  fi
  measure $kind "seq write 1M" --rw=write --bs=1M
  measure $kind "random write 4K QD16" --rw=randwrite --iodepth=16 --bs=4K
done
