#!/usr/bin/env bash
# Measures whether a write waits for the members: arrays of four disks with one head each, on which a request that does
# not begin where the last one ended costs 4 ms, and a journal in a plain file. Each figure is a burst that fits into
# the cache. A rebuild is measured too: at best it is as fast as one of the disks. "log" is a plain file that is written
# in sequence, with as many bytes as the journal writes for the row: the upper limit for write-back.
# Usage: slow-members.sh [DIRECTORY]      default: a temporary directory
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
mdfuse=$PWD/dist/mdfuse/bin/mdfuse
work=$(mktemp -d "${1:-/tmp}/mdfuse-bench.XXXXXX")
disks=()
cleanup() {
  for mount in "$work"/mnt-*; do "$mdfuse" umount "$mount" >/dev/null 2>&1 || fusermount -uz "$mount" 2>/dev/null || true; done
  for mount in "$work"/disk-*/mnt; do fusermount -uz "$mount" 2>/dev/null || true; done
  [ ${#disks[@]} = 0 ] || kill "${disks[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

seek_micros=4000 kib_per_second=102400 member_mib=64
"$here/../maven.sh" test-compile -pl benchmarks -am
slow_disk() {
  mkdir -p "$work/disk-$1/mnt"
  truncate -s ${member_mib}M "$work/disk-$1/file"
  dist/mdfuse/runtime/bin/java -Xmx64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
    -cp "benchmarks/target/test-classes:dist/mdfuse/lib/*" \
    io.mdfuse.bench.SlowMount "$work/disk-$1/file" "$work/disk-$1/mnt" $seek_micros $kib_per_second >"$work/disk-$1/log" 2>&1 &
  disks+=($!)
  for ((i = 0; i < 200; i++)); do grep -q ready "$work/disk-$1/log" && return; sleep 0.1; done
  cat "$work/disk-$1/log" >&2
  exit 1
}
for disk in 0 1 2 3 alone; do slow_disk $disk; done
members=("$work"/disk-[0-3]/mnt/slow)
truncate -s 256M "$work/journal.img"
head -c 256M /dev/zero >"$work/log"

# measure FILE FIO-OPTIONS: prints MiB/s and IOPS
measure() {
  fio --name=b --filename="$1" --size=64M --io_size=8M --ioengine=libaio --direct=1 --runtime=4 --minimal --terse-version=3 "${@:2}" |
    awk -F';' '{ printf "%d %d\n", $48 / 1024, $49 }'
}

# A row NAME BLOCK LOGGED FIO-OPTIONS: blocks of BLOCK bytes, for each of which the journal writes LOGGED bytes.
rows=("random write 4K, QD1|4K|8K|--rw=randwrite" "random write 4K, QD16|4K|8K|--rw=randwrite --iodepth=16"
  "random write 4K, fsync each|4K|8K|--rw=randwrite --fsync=1" "random write 64K, QD4|64K|68K|--rw=randwrite --iodepth=4"
  "random write 64K, fsync each|64K|68K|--rw=randwrite --fsync=1" "sequential write 64K, QD4|64K|68K|--rw=write --iodepth=4")
declare -A iops
run_all() {
  local row name block logged options
  for row in "${rows[@]}"; do
    IFS='|' read -r name block logged options <<<"$row"
    if [ "$1" = log ]; then block=$logged options=${options/rw=randwrite/rw=write}; fi
    read -r _ iops["$1 $name"] < <(measure "$2" --bs="$block" $options)
    # Work that remains after a burst must not be part of the next burst.
    [ "$1" = log ] || [ "$1" = disk ] || sync "$2"
    [ -z "${3:-}" ] || { setfattr -n user.md.journal_mode -v write-through "$2"; setfattr -n user.md.journal_mode -v write-back "$2"; }
  done
}
run_all log "$work/log"
run_all disk "$work/disk-alone/mnt/slow"
for kind in array journal writeback; do
  mkdir "$work/mnt-$kind"
  options=() journal=()
  [ $kind = array ] || journal=(--write-journal "$work/journal.img")
  [ $kind != writeback ] || options=(--journal-mode write-back)
  "$mdfuse" create --force --assume-clean --level 5 --raid-devices 4 --chunk 64K "${journal[@]}" "${members[@]}" >/dev/null
  "$mdfuse" mount "${options[@]}" "${members[@]}" ${journal:+"${journal[1]}"} "$work/mnt-$kind" >/dev/null
  run_all $kind "$(ls -d "$work/mnt-$kind"/*)" ${options:+switch}
  "$mdfuse" umount "$work/mnt-$kind" >/dev/null
done

echo
echo "bursts of 8 MiB in IOPS; members that seek $seek_micros us and move $((kib_per_second / 1024)) MiB/s, the journal a plain file; log: that file alone, written in sequence"
printf '| %-34s | %9s | %9s | %9s | %9s | %9s | %9s | %9s |\n' workload log "one disk" array journal writeback wb/jrnl wb/log
echo "|---|---|---|---|---|---|---|---|"
for row in "${rows[@]}"; do
  name=${row%%|*}
  awk -v name="$name" -v l="${iops[log $name]}" -v d="${iops[disk $name]}" -v a="${iops[array $name]}" -v j="${iops[journal $name]}" \
    -v w="${iops[writeback $name]}" 'function of(x, y) { return y ? sprintf("%.2f", x / y) : "-" }
     BEGIN { printf "| %-34s | %9d | %9d | %9d | %9d | %9d | %9s | %9s |\n", name, l, d, a, j, w, of(w, j), of(w, l) }'
done

# The array is mounted anew before the rebuild, so nothing is read from memory.
"$mdfuse" create --force --level 5 --raid-devices 4 --chunk 64K --assume-clean "${members[@]}" >/dev/null
"$mdfuse" mount "${members[@]}" "$work/mnt-array" >/dev/null
volume=$(ls -d "$work/mnt-array"/*)
dd if=/dev/urandom of="$volume" bs=1M conv=notrunc,fsync status=none 2>/dev/null || true
"$mdfuse" umount "$work/mnt-array" >/dev/null
"$mdfuse" mount "${members[@]}" "$work/mnt-array" >/dev/null
for verb in fail remove; do "$mdfuse" $verb "$work/mnt-array" "${members[3]}" >/dev/null; done
start=$(date +%s%N)
"$mdfuse" add --force "$work/mnt-array" "${members[3]}" >/dev/null
until [ "$(getfattr --only-values -n user.md.degraded "$volume" 2>/dev/null)" = 0 ]; do sleep 0.02; done
end=$(date +%s%N)
sectors=$(( $(stat -c %s "$volume") / 3 / 512 ))
alone=$(dd if="$work/disk-alone/mnt/slow" of=/dev/null bs=1M 2>&1 | awk '/copied/ { print $(NF - 1), $NF }')
echo "rebuild of one of four: $((sectors * 500000 / ((end - start) / 1000))) KiB/s of each member, verbs included; one disk read alone: $alone"
