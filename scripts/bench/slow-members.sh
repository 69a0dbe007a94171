#!/usr/bin/env bash
# Measures whether a write waits for the members: arrays of four disks with one head each, on which a request that does
# not begin where the last one ended costs 4 ms, and a journal in a plain file. Each figure is a burst that fits into
# the cache. "log" is a plain file that is written in sequence, with as many bytes as the journal writes for the row: the
# upper limit for write-back.
# Usage: slow-members.sh [DIRECTORY]      default: a temporary directory
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
. "$here/slow-disks.sh" "${1:-/tmp}"

"$here/../maven.sh" test-compile -pl benchmarks -am
for disk in 0 1 2 3 alone; do slow_disk $disk 64; done
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
